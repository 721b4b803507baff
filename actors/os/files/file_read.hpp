// Reading regular files through the door: whole, in part, and as a stream.
// Blocks: for the worker pool.
#pragma once

#include "actors/os/files/file_info.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace outrigger::os {

/// A regular file that is open, and what it was like then. Writers replace
/// files, so what is read from it is one version.
struct open_file {
  unique_fd fd;
  file_info info;
};

/// errc::not_a_file for what is neither file nor folder (a FIFO, a socket, a
/// device), EISDIR for a folder. Never waits for a writer of a FIFO.
[[nodiscard]] result<open_file> open_regular(const root_dir& root,
                                             std::string_view path);

/// The same for an entry of a folder that is open; follows no link.
[[nodiscard]] result<open_file> open_regular(int folder,
                                             const std::string& name);

/// open_regular() and read_at() without the disk and without waiting; else
/// EAGAIN. For the loop's thread.
[[nodiscard]] result<open_file> open_regular_cached(const root_dir& root,
                                                    std::string_view path);
[[nodiscard]] result<std::string> read_cached(int fd, std::uint64_t offset,
                                              std::size_t size);

/// At most `size` bytes from `offset` on; fewer at the end of the file.
[[nodiscard]] result<std::string> read_at(int fd, std::uint64_t offset,
                                          std::size_t size);

/// All of it. EFBIG when that is more than `max_size`, which is asked of what
/// is read, not of the size in the status.
[[nodiscard]] result<std::string> read_whole(int fd, std::size_t max_size);

} // namespace outrigger::os
