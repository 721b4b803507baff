// SERVICE NOTIFY: what the daemon tells its service manager (systemd's
// sd_notify protocol, without its library).
//
//   daemon ── "READY=1\nSTATUS=…" ──► datagram socket named by NOTIFY_SOCKET
//
// Made once at the start, from the environment; lives as long as the daemon.
// Without a NOTIFY_SOCKET nothing is sent and everything succeeds.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/service_environment.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace outrigger::os {

class service_notify {
public:
  /// One that nobody listens to.
  service_notify() = default;

  /// Reads NOTIFY_SOCKET (a path, or an abstract name behind `@`) and the
  /// watchdog's variables, which count only when WATCHDOG_PID is absent or
  /// `self`. EAFNOSUPPORT for another kind of address, ENAMETOOLONG.
  static result<service_notify> open(const environment_lookup& variable,
                                     pid_t self);

  /// Whether somebody asked to be told.
  [[nodiscard]] bool active() const noexcept { return bool(socket_); }

  /// How often watchdog() is to be called: half of what the manager waits.
  /// Empty when it does not watch.
  [[nodiscard]] std::optional<std::chrono::microseconds>
  watchdog_interval() const noexcept {
    return watchdog_;
  }

  // Each sends one datagram and never waits: EAGAIN when the manager's queue
  // is full, ENOENT or ECONNREFUSED when it is gone. A status is one line for
  // people; line ends in it become blanks.

  /// It serves; also the end of a reload.
  std::error_code ready(std::string_view status = {}) const;
  std::error_code status(std::string_view text) const;
  /// A reload has begun; ready() says that it is over.
  std::error_code reloading() const;
  std::error_code stopping(std::string_view status = {}) const;
  /// It is alive.
  std::error_code watchdog() const;

private:
  std::error_code send(std::string message, std::string_view status = {}) const;

  unique_fd socket_;
  std::string address_; // as in sun_path: a leading NUL for an abstract one
  std::optional<std::chrono::microseconds> watchdog_;
};

} // namespace outrigger::os
