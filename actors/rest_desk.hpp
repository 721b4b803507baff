// REST DESK: runs REST calls, which come from outside any actor, as requests
// between actors, and hands the answers back.
//
//   bridge ── desk_call ──► rest desk ── request ──► terminals, terminal
//                                    └── answer function, on the loop
//
// One per daemon. Every call is answered, at the latest by its timeout.

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "actors/connection.hpp"
#include "actors/holder.hpp"
#include "actors/terminals.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/status_body.hpp"

namespace outrigger {

struct desk_call {
  rest_call call;
  answer_function answer;
};
/// Checks the resume points of a client about to connect, see
/// check_resume_points.
struct desk_resume {
  connection_options options;
  std::function<void(result<connection_options>)> answer;
};

using desk_actor =
    caf::typed_actor<caf::reacts_to<desk_call>, caf::reacts_to<desk_resume>>;

/// What the answers are made of. The views must outlive the actor.
struct desk_deps {
  terminals_actor terminals;
  holder_actor holder;
  runtime_report runtime;
  std::size_t terminal_limit = 0;
  std::function<std::size_t()> sockets;                // WebSockets open
  std::function<std::chrono::microseconds()> loop_lag; // of the last second
};

struct desk_state {
  static inline const char* name = "rest desk";

  desk_actor::pointer self = nullptr;
  desk_deps deps;
  std::chrono::steady_clock::time_point started;

  void run(const desk_call& request);
  void health(const answer_function& answer);
  void create(const desk_call& request);
  void remove(std::uint8_t id, const answer_function& answer);
  void resize(std::uint8_t id, const desk_call& request);
  void scrollback(std::uint8_t id, const desk_call& request);
  void resume(const desk_resume& request);
};

desk_actor::behavior_type
rest_desk(desk_actor::stateful_pointer<desk_state> self, desk_deps deps);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::desk_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::desk_resume)
