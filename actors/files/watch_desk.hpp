// WATCH DESK: the REST calls about watchers.
//
//   bridge ── desk_call ──► watch desk ── request ──► watches
//
// One per daemon. Every call is answered, at the latest by its timeout.

#pragma once

#include "actors/desk_call.hpp"
#include "actors/files/watches.hpp"

namespace outrigger {

struct watch_desk_state {
  static inline const char* name = "watch desk";

  call_actor::pointer self = nullptr;
  watches_actor watches;

  void run(const desk_call& request);
  void create(const desk_call& request);
};

call_actor::behavior_type
watch_desk(call_actor::stateful_pointer<watch_desk_state> self,
           watches_actor watches);

} // namespace outrigger
