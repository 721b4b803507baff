#include "actors/os/files/flush_file.hpp"

#include "actors/os/result.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace outrigger::os {

std::error_code flush_file(int fd) {
  // They are told of every descriptor of the file that is closed.
  const int other = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (other < 0)
    return os_error();
  return ::close(other) == 0 || errno == EINTR ? std::error_code{} : os_error();
}

} // namespace outrigger::os
