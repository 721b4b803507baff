// Tells a running daemon that its files have changed: SIGHUP to the process
// that holds its lock, and to no other.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <system_error>

namespace outrigger::os {

struct reload_outcome {
  /// Whether somebody holds the lock, and who, as far as is known.
  bool running = false;
  pid_t pid = 0;
  /// Why a daemon that runs was not told: errc::deaf when it does not listen
  /// to SIGHUP, ESRCH when no process we see is the one that holds the lock
  /// (it may be in another container), or an errno.
  std::error_code error;
};

/// A daemon that is just starting listens a moment after it has taken its
/// lock: for that it is given so long. The lock itself is left alone.
reload_outcome signal_reload(const std::string& lock_path,
                             std::chrono::milliseconds patience);

} // namespace outrigger::os
