// SEARCH: one search call, from its turn to its answer.
//
//   search desk ── spawns ──► search ── spawn_session ──► holder
//   rg ── ring ──► search ── pieces ──► search_work, on a pool's thread
//                     └── answer function, on the loop
//
// Ripgrep when it is there, else we search by ourselves, a few milliseconds at
// a time; and so when ripgrep could not be started or failed, unless that was
// for the pattern. Ripgrep is held to what has been taken in, so memory is
// bounded. Answered at the latest when its time is over, and ends then. Its
// session in the holder is the desk's to end and to forget.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "actors/files/search_work.hpp"
#include "actors/holder.hpp"

namespace outrigger {

/// Tells the desk of the session that is to go with its search.
struct search_session {
  caf::actor_addr search;
  std::uint64_t key = 0;
};
/// Tells the desk that a session may be there which nobody knows: the holder
/// did not answer in time.
struct search_session_unknown {};
using search_keeper = caf::typed_actor<caf::reacts_to<search_session>,
                                       caf::reacts_to<search_session_unknown>>;

/// The holder is gone, and the program with it.
struct search_lost {
  std::string reason;
};

/// INTERNAL: the time is over, or the client has left.
struct search_overdue {};
/// INTERNAL: the ring's eventfd fired: more output, or the exit record.
struct search_printed {};
/// INTERNAL: what ran on a thread is done.
struct search_worked {
  bool failed = false; // by an exception
};

using search_actor = caf::typed_actor<caf::reacts_to<search_lost>,
                                      // INTERNAL
                                      caf::reacts_to<search_overdue>,
                                      caf::reacts_to<search_printed>,
                                      caf::reacts_to<search_worked>>;

/// Runs `work` on a pool's thread, then `done` on the loop; neither once the
/// pool was stopped.
using step_function =
    std::function<void(std::function<void()> work, std::function<void()> done)>;

struct search_deps {
  holder_actor holder;
  step_function step;
  std::string path; // where programs are, as in the variable PATH
  /// How long a step of our own search takes; zero: as short as it can be.
  std::chrono::milliseconds slice{10};
};

struct search_task {
  std::shared_ptr<search_work> work;
  answer_function answer;                         // once
  std::chrono::seconds timeout{0};                // as the client set it
  std::chrono::steady_clock::time_point deadline; // with the wait for a turn
  std::stop_token gone = {}; // whoever wants the answer has left
};

/// The tags of our sessions in the holder begin so.
inline constexpr std::string_view search_tag = "outrigger-search-1";

/// How a program of ours is started: without input, paced, and with nothing in
/// its environment.
[[nodiscard]] os::spawn_request helper_spawn(std::vector<std::string> argv,
                                             std::string folder);

struct search_state {
  static inline const char* name = "search";

  search_actor::pointer self = nullptr;
  search_deps deps;
  search_task task; // its answer is null once it was given
  search_keeper keeper;

  session_ptr session; // while ripgrep runs
  std::uint64_t cursor = 0;
  std::stop_source stop;
  std::optional<std::stop_callback<std::function<void()>>> left;
  bool working = false;  // a step is on a thread
  bool spawning = false; // the holder was asked and has not answered
  /// What follows when the step is done, unless the answer was given.
  std::function<void()> next;

  void start();
  void run_step(std::function<void()> work, std::function<void()> then);
  void worked(bool failed);
  void began(const result<void>& begun,
             const std::optional<search_work::program_call>& call);
  void spawn(const search_work::program_call& call);
  void spawned(const spawned_session& spawned);
  void not_spawned(const error& why);
  void read();
  void took(const result<void>& taken);
  void lost(const std::string& reason);
  void program_ended(const os::exit_status& status);
  [[nodiscard]] std::string complaint() const;
  void search_alone(std::string_view why);
  void step_alone();
  void write_answer();
  void overdue();
  void give(result<rest_answer> what);
  void quit_when_idle();
};

search_actor::behavior_type
search(search_actor::stateful_pointer<search_state> self, search_deps deps,
       search_task task, search_keeper keeper);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::search_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::search_session_unknown)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::search_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::search_overdue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::search_printed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::search_worked)
