// What is done with file descriptors in more than one place. Plain POSIX, so
// the holder has it too.

#pragma once

#include <chrono>
#include <string_view>
#include <system_error>

#include <sys/types.h>

namespace outrigger::os {

/// Blocks until `fd` can be read, has ended or has failed; ETIMEDOUT after
/// `deadline`. For the exchanges before the loop runs.
[[nodiscard]] std::error_code
await_readable(int fd, std::chrono::steady_clock::time_point deadline);

/// Writes all of it to a blocking descriptor.
[[nodiscard]] std::error_code write_all(int fd, std::string_view bytes);

/// The process id a lock file says, in digits from its start; 0 when it says
/// none. The position in the file stays.
[[nodiscard]] pid_t read_pid(int fd) noexcept;

} // namespace outrigger::os
