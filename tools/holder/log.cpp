#include "tools/holder/log.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace outrigger::holder {

void log(std::string_view line) noexcept {
  pollfd entry{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&entry, 1, 0) != 1 || (entry.revents & POLLOUT) == 0)
    return;
  char text[1024];
  const int shown = static_cast<int>(std::min<std::size_t>(line.size(), 900));
  const int size = std::snprintf(text, sizeof text, "outrigger-holder: %.*s\n",
                                 shown, line.data());
  if (size > 0) {
    [[maybe_unused]] const auto n =
        ::write(STDERR_FILENO, text, static_cast<std::size_t>(size));
  }
}

void log(std::string_view line, const std::error_code& error) {
  log(std::string(line) + ": " + error.message());
}

} // namespace outrigger::holder
