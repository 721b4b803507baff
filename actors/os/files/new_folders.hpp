// Folders that are made on the way to something, one by one and below the
// root.
#pragma once

#include "actors/os/files/root_dir.hpp"

#include <string_view>

namespace outrigger::os {

/// Makes the folder at `path` and those it is in, as far as they are missing;
/// ENOTDIR or EEXIST when something else is in the way. `durable`: they are on
/// the disk afterwards. What was made stays, also after an error.
[[nodiscard]] std::error_code make_folders(const root_dir& root,
                                           std::string_view path, mode_t mode,
                                           bool durable);

/// root.find(); `create`: the folders the entry is in are made if need be.
[[nodiscard]] result<root_dir::place> find_or_make(const root_dir& root,
                                                   std::string_view path,
                                                   bool create, bool durable);

/// Brings a folder's names to the disk. `folder` may be O_PATH.
[[nodiscard]] std::error_code sync_folder(int folder);

} // namespace outrigger::os
