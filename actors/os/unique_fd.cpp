#include "actors/os/unique_fd.hpp"

#include <cerrno>

namespace outrigger::os {

void unique_fd::reset(int fd) noexcept {
  const int old = std::exchange(fd_, fd);
  if (old < 0)
    return;
  const int saved = errno;
  ::close(old); // Linux frees the number even on EINTR: never retried
  errno = saved;
}

} // namespace outrigger::os
