// Why the process ends before it has done anything: one line for the user, and
// the code it exits with. Thrown by what main calls, caught by main.

#pragma once

#include <stdexcept>
#include <string>

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

} // namespace outrigger
