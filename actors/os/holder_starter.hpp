// HOLDER STARTER: starts holders for a daemon that has given up execve for
// itself.
//
//   daemon ── start ──► helper process ── start_holder() ──► outrigger-holder
//   daemon ◄── pid or errno ── helper
//
// The helper is forked at the very start, while the daemon has one thread and
// no secrets. What it starts is fixed then: all a daemon in foreign hands can
// ask of it is one more holder. It ends when the daemon does, by whatever
// means: its end of the socket pair reads the end of file.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace outrigger::os {

class holder_starter {
public:
  /// Forks the helper; only in a process with one thread. It has a session of
  /// its own, so that the Ctrl-C meant for the daemon does not reach it, our
  /// stderr, /dev/null, the signals' default actions, and no other descriptor
  /// of ours. Holders it starts do not inherit `service_variables`. The
  /// arguments are those of start_holder.
  static result<holder_starter> fork_off(std::string program,
                                         std::string socket_path,
                                         std::vector<std::string> options = {});

  /// Has a holder started, as start_holder does it; its parent is the helper,
  /// which reaps it. Blocks, up to `patience`: ETIMEDOUT then, and the holder
  /// may still come. errc::starter_lost when the helper is gone, for good.
  /// Called by one thread at a time.
  result<pid_t> start(std::chrono::milliseconds patience = std::chrono::seconds{
                          5});

  /// The helper's. Its parent reaps it, or ignores SIGCHLD.
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  holder_starter(unique_fd socket, pid_t pid) noexcept
      : socket_(std::move(socket)), pid_(pid) {}

  unique_fd socket_;
  pid_t pid_ = 0;
  std::uint32_t asked_ = 0; // number of the last request
};

} // namespace outrigger::os
