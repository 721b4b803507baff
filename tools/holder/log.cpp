#include "tools/holder/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
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

log_format format_in_use = log_format::text;

constexpr std::size_t max_message = 900;

std::string now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  tm parts{};
  ::gmtime_r(&time.tv_sec, &parts);
  char text[32];
  const auto size = std::strftime(text, sizeof text, "%FT%T", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03dZ",
                static_cast<int>(time.tv_nsec / 1'000'000));
  return text;
}

// One line, whatever is in it: a path may hold any byte.
std::string escaped(std::string_view message) {
  std::string safe;
  for (const char c : message) {
    if (format_in_use == log_format::json && (c == '"' || c == '\\'))
      safe += '\\';
    safe += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return safe;
}

std::string to_line(std::string_view message) {
  const auto text =
      "outrigger-holder: " + escaped(message.substr(0, max_message));
  return format_in_use == log_format::json
             ? R"({"time":")" + now() + R"(","level":"info","message":")" +
                   text + "\"}\n"
             : now() + " info     " + text + "\n";
}

} // namespace

void use_log_format(log_format format) noexcept {
  format_in_use = format;
}

void log(std::string_view line) {
  static const int target = open_log(); // -1: poll passes over it
  pollfd entry{target, POLLOUT, 0};
  if (::poll(&entry, 1, 0) != 1 || (entry.revents & POLLOUT) == 0)
    return;
  const auto text = to_line(line);
  [[maybe_unused]] const auto n = ::write(target, text.data(), text.size());
}

void log(std::string_view line, const std::error_code& error) {
  log(std::string(line) + ": " + error.message());
}

} // namespace outrigger::holder
