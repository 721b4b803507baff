// Waits and whole writes on blocking descriptors, before the loop runs or for
// files that do not keep one waiting. Plain POSIX.

#pragma once

#include <chrono>
#include <string_view>
#include <system_error>

namespace outrigger::os {

/// Blocks until `fd` can be read, has ended or has failed; ETIMEDOUT after
/// `deadline`.
[[nodiscard]] std::error_code
await_readable(int fd, std::chrono::steady_clock::time_point deadline);

/// Writes all of it to a blocking descriptor.
[[nodiscard]] std::error_code write_all(int fd, std::string_view bytes);

} // namespace outrigger::os
