// SEARCH PLACE: what is searched: a folder, or one file in it, held by a door
// of its own, so that no link and no race leads out of it; and which files of
// it count. Blocks: for a pool's thread.

#pragma once

#include <string>
#include <string_view>

#include "actors/files/ignore_filter.hpp"
#include "actors/files/workspace.hpp"
#include "actors/os/files/tree_walk.hpp"
#include "protocol/files/search_request.hpp"

namespace outrigger {

struct search_place {
  os::root_dir folder;
  std::string name; // of the one file in it; empty: all of the folder
  file_place whole; // the place without links on the way, for rules from above
};

/// Follows the links on the way, as far as the credential goes. Faults: those
/// of opening it; special for what is neither file nor folder.
[[nodiscard]] result<search_place> find_search_place(const file_place& place);

/// The same for what can only be done with folders: not_a_directory.
[[nodiscard]] result<search_place> find_search_folder(const file_place& place);

/// What a walk through the place leaves out.
[[nodiscard]] ignore_filter walk_filter_of(const search_place& place,
                                           const search_filter& filter);

/// That walk; `filter` outlives it.
[[nodiscard]] result<os::tree_walk> begin_walk(const search_place& place,
                                               ignore_filter& filter);

/// Whether a file counts that another program found, who may have thought
/// otherwise about what is hidden or left out. Not about .gitignore.
class found_filter {
public:
  found_filter(const search_place& place, const search_filter& filter);

  /// `path` is below the place's folder.
  [[nodiscard]] bool wants(std::string_view path);

private:
  std::string name_;
  ignore_filter filter_;
};

} // namespace outrigger
