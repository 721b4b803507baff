// Where a watched folder is: what a client's path means (workspace.hpp), as a
// folder on the disk without links, below one of the roots. Blocks.

#pragma once

#include <string>

#include "actors/files/workspace.hpp"
#include "actors/os/files/folder_scan.hpp"

namespace outrigger {

struct watch_place {
  os::folder_place folder;
  std::string shown;        // as answers in the client's style show it
  std::string in_workspace; // "/docs", or empty when it is in another root
};

/// Faults: those of locate(); not_found, not_a_directory.
[[nodiscard]] result<watch_place>
find_watch_place(const workspace& files, std::string_view path,
                 path_style style, const scope_set& scopes, right wanted);

/// What a credential may do with a watched folder: all or nothing of it is
/// seen. Folders of other roots are for those who may see every file.
[[nodiscard]] right right_on_watched(const scope_set& scopes,
                                     std::string_view in_workspace);

} // namespace outrigger
