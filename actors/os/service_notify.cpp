#include "actors/os/service_notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>

namespace outrigger::os {

namespace {

constexpr std::size_t max_status = 1024;

std::optional<std::uint64_t> number_in(const char* text) {
  if (!text)
    return std::nullopt;
  const std::string_view digits{text};
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

std::optional<std::chrono::microseconds>
interval_of(const environment_lookup& variable, pid_t self) {
  const auto period = number_in(variable("WATCHDOG_USEC"));
  if (!period || *period < 2 || *period > INT64_MAX)
    return std::nullopt;
  const char* watched = variable("WATCHDOG_PID");
  if (watched && number_in(watched) != static_cast<std::uint64_t>(self))
    return std::nullopt;
  return std::chrono::microseconds{*period / 2};
}

/// A status must not be able to say more than a status.
std::string one_line(std::string_view text) {
  std::string line{text.substr(0, max_status)};
  for (char& byte : line)
    if (static_cast<unsigned char>(byte) < 0x20)
      byte = ' ';
  return line;
}

std::uint64_t monotonic_usec() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

} // namespace

result<service_notify> service_notify::open(const environment_lookup& variable,
                                            pid_t self) {
  service_notify made;
  const char* address = variable("NOTIFY_SOCKET");
  if (!address || !*address)
    return made;
  made.address_ = address;
  if (made.address_.size() < 2 ||
      (made.address_.front() != '/' && made.address_.front() != '@'))
    return os_error(EAFNOSUPPORT);
  // A path keeps room for the NUL behind it.
  if (made.address_.size() >= sizeof(sockaddr_un::sun_path))
    return os_error(ENAMETOOLONG);
  if (made.address_.front() == '@')
    made.address_.front() = '\0';
  made.socket_.reset(
      ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.socket_)
    return os_error();
  made.watchdog_ = interval_of(variable, self);
  return made;
}

std::error_code service_notify::ready(std::string_view status) const {
  return send("READY=1", status);
}

std::error_code service_notify::status(std::string_view text) const {
  return send({}, text);
}

std::error_code service_notify::reloading() const {
  return send("RELOADING=1\nMONOTONIC_USEC=" +
              std::to_string(monotonic_usec()));
}

std::error_code service_notify::stopping(std::string_view status) const {
  return send("STOPPING=1", status);
}

std::error_code service_notify::watchdog() const {
  return send("WATCHDOG=1");
}

std::error_code service_notify::send(std::string message,
                                     std::string_view status) const {
  if (!socket_)
    return {};
  if (!status.empty())
    message += (message.empty() ? "STATUS=" : "\nSTATUS=") + one_line(status);
  if (message.empty())
    message = "STATUS="; // takes the last one away
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, address_.data(), address_.size());
  // An abstract name is exactly as long as it is; a path ends at its NUL.
  const auto length =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size() +
                             (address_.front() ? 1 : 0));
  // Not connected: the socket of a manager that starts anew is another one.
  while (::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&address), length) < 0)
    if (errno != EINTR)
      return os_error();
  return {};
}

} // namespace outrigger::os
