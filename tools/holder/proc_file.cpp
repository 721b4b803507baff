#include "tools/holder/proc_file.hpp"

#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace outrigger::holder {

std::string read_proc(const std::string& path, std::size_t limit) {
  std::string content;
  const os::unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  while (fd && content.size() < limit) {
    char chunk[4096];
    const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    content.append(chunk, static_cast<std::size_t>(got));
  }
  return content;
}

} // namespace outrigger::holder
