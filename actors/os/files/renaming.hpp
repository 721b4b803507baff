// Renames between open folders that do, or do not, replace what is there.
#pragma once

#include "actors/os/result.hpp"

#include <string>

namespace outrigger::os {

/// EEXIST when the new name is taken. Where the file system has no such
/// rename it comes as close as it can.
[[nodiscard]] std::error_code rename_new(int from_folder,
                                         const std::string& from, int to_folder,
                                         const std::string& to);

/// What had the new name is gone: a file by a file, an empty folder by a
/// folder.
[[nodiscard]] std::error_code rename_over(int from_folder,
                                          const std::string& from,
                                          int to_folder, const std::string& to);

/// Each gets the other's name, at once. EINVAL where the file system has no
/// such rename.
[[nodiscard]] std::error_code exchange(int folder, const std::string& name,
                                       int other_folder,
                                       const std::string& other);

/// Whether a rename failed because of what has the new name: something else
/// would have to go first.
[[nodiscard]] bool is_in_the_way(const std::error_code& error);

} // namespace outrigger::os
