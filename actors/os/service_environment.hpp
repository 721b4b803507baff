// What a service manager tells a daemon through environment variables. It is
// meant for the daemon's process alone: a program that inherited these would
// speak in the daemon's name, or take its descriptors for sockets.
#pragma once

#include <array>
#include <functional>

namespace outrigger::os {

/// Looks a variable up, null when it is not set; `std::getenv` is one.
using environment_lookup = std::function<const char*(const char*)>;

/// The variables nobody inherits: neither the holder nor a session.
inline constexpr std::array<const char*, 12> service_variables{
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "LISTEN_PID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "SYSTEMD_EXEC_PID",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
    "CREDENTIALS_DIRECTORY"};

} // namespace outrigger::os
