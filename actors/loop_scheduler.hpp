// LOOP SCHEDULER: runs CAF actors on the Asio loop.
//
//   socket handler ─ anon_send ─► ready list ─► one bounded turn on the loop
//   worker thread  ─ anon_send ─► inbox ─ post ─► the same ready list
//
// Built once by the composition root as CAF's scheduler module; lives as long
// as the actor_system. Every actor runs on the thread that runs the
// io_context, so actors and sockets share that thread's state without locks.
// Delayed messages and request timeouts come from one Asio timer.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>

#include <caf/all.hpp>

namespace outrigger {

/// What the loop did in the last whole second.
struct loop_load {
  /// How late the once-a-second probe ran: what a new event had to wait.
  std::chrono::microseconds lag{0};
  /// The longest time one actor held the loop, and which one.
  std::chrono::microseconds longest_turn{0};
  std::string longest_actor;
  /// Actor resumes since start.
  std::uint64_t resumes = 0;
};

/// Lag, or one actor's turn, above this deserves a line in the log.
inline constexpr std::chrono::milliseconds loop_lag_limit{100};

struct loop_scheduler_options {
  /// Messages one actor may take before the next actor's turn.
  std::size_t messages_per_actor = 100;
  /// Time all ready actors together may take before sockets get their turn.
  std::chrono::microseconds turn{1000};
  /// Called on the loop once a second with the last second's load.
  std::function<void(const loop_load&)> on_second;
};

/// Makes `config` run all actors of its actor_system on `loop`. The loop must
/// outlive the system; the thread that calls loop.run() becomes the actors'
/// thread. The system must be destroyed on that thread, after run() returned.
void use_loop_scheduler(caf::actor_system_config& config,
                        boost::asio::io_context& loop,
                        loop_scheduler_options options = {});

} // namespace outrigger
