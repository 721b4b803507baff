// SEARCH DESK: the search calls, a few at a time.
//
//   bridge ── desk_call ──► search desk ── spawns ──► search
//                               └── end_session, forget_session ──► holder
//
// One per daemon. Whoever comes when enough searches run waits, and is told to
// come again when enough wait. The sessions that searches ran ripgrep in are
// ended and forgotten here, those of a daemon before us at the start.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actors/desk_call.hpp"
#include "actors/files/search.hpp"
#include "actors/files/workspace.hpp"

namespace outrigger {

/// INTERNAL: a search that waits for its turn has waited too long.
struct search_waited {
  std::uint64_t ticket = 0;
};
/// INTERNAL: time to look for sessions of ours that nobody knows.
struct sweep_searches {};
/// INTERNAL: time to ask the holder again about a session.
struct release_again {
  std::uint64_t key = 0;
};

using search_desk_actor = caf::typed_actor<
    caf::reacts_to<desk_call>,
    // From searches.
    caf::reacts_to<search_session>, caf::reacts_to<search_session_unknown>,
    // From the holder.
    caf::reacts_to<session_ended>, caf::reacts_to<holder_lost>,
    // INTERNAL
    caf::reacts_to<search_waited>, caf::reacts_to<sweep_searches>,
    caf::reacts_to<release_again>>;

struct search_desk_deps {
  search_deps search;
  std::shared_ptr<const workspace> files;
};

struct search_desk_state {
  static inline const char* name = "search desk";

  search_desk_actor::pointer self = nullptr;
  search_desk_deps deps;

  struct running_search {
    search_actor actor;
    answer_function answer; // does nothing once it was given
    std::uint64_t key = 0;  // of its session; 0: none so far
  };
  struct waiting_search {
    std::uint64_t ticket = 0;
    search_task task;
  };
  std::map<caf::actor_addr, running_search> running;
  std::deque<waiting_search> waiting;
  std::uint64_t last_ticket = 0;
  std::set<std::uint64_t> leaving; // sessions being ended and forgotten

  void run(const desk_call& request);
  [[nodiscard]] result<search_task> task_of(const rest_call& call) const;
  void begin(search_task task);
  void waited(std::uint64_t ticket);
  void search_down(const caf::down_msg& down);
  void has_session(const search_session& e);
  void quit(const caf::exit_msg& exit);

  void release(std::uint64_t key);
  void end(std::uint64_t key);
  void ended(std::uint64_t key);
  void holder_gone(const std::string& reason);
  void sweep(std::chrono::milliseconds min_age);
  void sweep(const listed_sessions& all, std::int64_t before_unix_ms);
};

search_desk_actor::behavior_type
search_desk(search_desk_actor::stateful_pointer<search_desk_state> self,
            search_desk_deps deps);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::search_waited)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::sweep_searches)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::release_again)
