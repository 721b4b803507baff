// Who belongs to a session: its cgroup's processes and those of the cgroups
// below, and what /proc tells by session id, environment marker and descent. A
// program may move to another cgroup, so that the second counts with one too.
#pragma once

#include "tools/holder/cgroup.hpp"

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace outrigger::holder {

/// A living process. Pid and start time together name it for good.
struct member {
  pid_t pid = 0;
  pid_t group = 0;
  std::uint64_t start_time = 0;
  bool operator==(const member& other) const noexcept {
    return pid == other.pid && start_time == other.start_time;
  }
};

/// What identifies a session's processes.
struct membership {
  std::uint64_t key = 0;
  pid_t leader = 0;
  bool leader_reaped = false; // its pid may name somebody else by now
  const cgroup* group = nullptr;
};

/// The living processes of a session; zombies do not count. Those in `known`
/// count as long as they live, whatever else they have become.
std::vector<member> find_members(const membership& session,
                                 const std::vector<member>& known);

/// Sends a signal through a pidfd, after checking that it is still the same
/// process.
void send_signal(const member& process, int signo) noexcept;

} // namespace outrigger::holder
