// DAEMON: every part of a running daemon, in the order it is built.
//
//   token, TLS → loop → listeners → holder → actors → bridge → accept
//
// Made once by main, which has taken the locks; lives until a signal or a
// failure has stopped it.

#pragma once

#include <stdexcept>
#include <string>

#include "protocol/options.hpp"

namespace outrigger {

// Exit codes; 0 is stopped in order.
inline constexpr int exit_failed = 1;
inline constexpr int exit_bad_options = 2;
inline constexpr int exit_unsafe = 78; // EX_CONFIG

/// A failure the user is told in one line.
struct startup_failure : std::runtime_error {
  startup_failure(const std::string& what, int status)
      : runtime_error{what}, code{status} {}
  int code;
};

/// Serves until SIGTERM or SIGINT and returns the exit code. Prints the
/// listeners' addresses on stdout once it accepts. Throws startup_failure or
/// std::runtime_error when it cannot start.
[[nodiscard]] int run_daemon(const options& opts);

} // namespace outrigger
