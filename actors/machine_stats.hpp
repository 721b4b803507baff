// MACHINE STATS: how much of the machine is in use, every five seconds, while
// somebody wants to know.
//
//   machine stats ── a reading, on the worker pool ──► machine stats
//   machine stats ── machine_told ──► every listener
//
// One per daemon. Does nothing without listeners; forgets those that end.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "actors/caf.hpp"
#include "actors/files/workspace.hpp"
#include "actors/os/machine_probe.hpp"
#include "actors/os/worker_pool.hpp"
#include "protocol/files/runtime_message.hpp"

namespace outrigger {

struct machine_told {
  machine_load load;
};

using stats_listener = caf::typed_actor<caf::reacts_to<machine_told>>;

struct follow_stats {
  stats_listener listener;
};
/// INTERNAL.
struct read_machine {};
struct machine_read {
  os::machine_reading reading;
};

using stats_actor =
    caf::typed_actor<caf::reacts_to<follow_stats>, caf::reacts_to<read_machine>,
                     caf::reacts_to<machine_read>>;

struct stats_deps {
  os::worker_pool& workers;
  std::shared_ptr<const workspace> files;
  std::shared_ptr<const os::machine_probe> probe;
};

/// "system_stats every 5 s".
inline constexpr std::chrono::seconds stats_interval{5};

struct stats_state {
  static inline const char* name = "machine stats";

  stats_actor::pointer self = nullptr;
  std::shared_ptr<const stats_deps> deps;
  std::vector<stats_listener> listeners;
  std::optional<os::machine_reading> before;
  bool planned = false;

  void follow(const stats_listener& listener);
  void read();
  void told(const os::machine_reading& reading);
  void plan();
};

stats_actor::behavior_type
machine_stats(stats_actor::stateful_pointer<stats_state> self,
              std::shared_ptr<const stats_deps> deps);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::machine_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::follow_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::read_machine)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::machine_read)
