#include "tools/holder/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace outrigger::holder {

namespace {

// A terminal that is writable has room for a byte, perhaps not for the line,
// and then write(2) waits for whoever reads it. Not so through a description
// of our own: O_NONBLOCK on the inherited one would hit its other users too.
int open_log() noexcept {
  return ::isatty(STDERR_FILENO) != 0
             ? ::open("/proc/self/fd/2",
                      O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
             : STDERR_FILENO;
}

} // namespace

void log(std::string_view line) noexcept {
  static const int target = open_log(); // -1: poll passes over it
  pollfd entry{target, POLLOUT, 0};
  if (::poll(&entry, 1, 0) != 1 || (entry.revents & POLLOUT) == 0)
    return;
  char text[1024];
  const int shown = static_cast<int>(std::min<std::size_t>(line.size(), 900));
  const int size = std::snprintf(text, sizeof text, "outrigger-holder: %.*s\n",
                                 shown, line.data());
  if (size > 0) {
    [[maybe_unused]] const auto n =
        ::write(target, text, static_cast<std::size_t>(size));
  }
}

void log(std::string_view line, const std::error_code& error) {
  log(std::string(line) + ": " + error.message());
}

} // namespace outrigger::holder
