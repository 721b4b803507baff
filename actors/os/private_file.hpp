// Files that decide who may come in: read only when nobody else could have
// written them, replaced whole or not at all.
#pragma once

#include "actors/os/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace outrigger::os {

/// Who else may read a file. Nobody else may ever write it.
enum class readers { owner_only, anybody };

/// All of a regular file (errc::not_a_file) of at most `max_size` bytes
/// (EFBIG), which is ours or root's (errc::foreign_owner) and which group and
/// others cannot write (errc::writable) nor, with owner_only, access at all
/// (errc::exposed). Symbolic links are followed. Never waits for a FIFO.
result<std::string> read_private_file(const std::string& path,
                                      std::size_t max_size, readers allowed);

/// Makes `text` the file's content: in a new file of mode 0600 that is on disk
/// before it takes the name. After a failure or a crash the file has its old
/// content or the new. For one writer at a time: hold a lock.
std::error_code replace_private_file(const std::string& path,
                                     std::string_view text);

/// The same for a file that must not exist yet (EEXIST). Any number of
/// writers: one of them makes it.
std::error_code create_private_file(const std::string& path,
                                    std::string_view text);

} // namespace outrigger::os
