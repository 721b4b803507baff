#include "actors/os/blocking_io.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include "actors/os/result.hpp"

namespace outrigger::os {

using clock = std::chrono::steady_clock;

std::error_code await_readable(int fd, clock::time_point deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
    if (left.count() <= 0)
      return os_error(ETIMEDOUT);
    pollfd entry{fd, POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0)
      return {};
    if (ready < 0 && errno != EINTR)
      return os_error();
  }
}

std::error_code write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR)
      return os_error();
    bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return {};
}

} // namespace outrigger::os
