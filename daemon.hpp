// DAEMON: every part of a running daemon, in the order it is built.
//
//   credentials, TLS, listeners → sandbox → logging, threads → holder →
//   actors → bridge → accept
//
// Made once by main, which has taken the locks; lives until a signal or a
// failure has stopped it.

#pragma once

#include <vector>

#include "actors/os/holder_starter.hpp"
#include "actors/os/passed_sockets.hpp"
#include "actors/os/service_notify.hpp"
#include "protocol/options.hpp"
#include "startup_failure.hpp"

namespace outrigger {

/// What the process came with, taken while it had one thread.
struct inheritance {
  os::holder_starter starter;
  std::vector<os::passed_socket> sockets; // from the service manager
  os::service_notify notify;
};

/// Serves until SIGTERM or SIGINT and returns the exit code. Prints the
/// listeners' addresses on stdout once it accepts. Throws startup_failure or
/// std::runtime_error when it cannot start.
[[nodiscard]] int run_daemon(const options& opts, inheritance inherited);

} // namespace outrigger
