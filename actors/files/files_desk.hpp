// FILES DESK: runs the REST calls about files, of every dialect.
//
//   bridge ── desk_call, desk_upload ──► files desk ──► file pool's threads
//                                            └── answer function, on the loop
//
// One per daemon. What a call does is in actors/files/file_calls; here it is
// decided where it runs, and seen to that it is answered.

#pragma once

#include "actors/desk_call.hpp"
#include "actors/files/file_calls.hpp"

namespace outrigger {

/// INTERNAL: once a second.
struct sweep_files {};

using files_actor = call_actor::extend<caf::reacts_to<desk_upload>,
                                       caf::reacts_to<sweep_files>>;

struct files_desk_state {
  static inline const char* name = "files desk";

  files_actor::pointer self = nullptr;
  std::shared_ptr<const file_context> context;

  void run(const desk_call& request);
  void begin(const desk_upload& request);
  void sweep();
};

files_actor::behavior_type
files_desk(files_actor::stateful_pointer<files_desk_state> self,
           std::shared_ptr<const file_context> context);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::sweep_files)
