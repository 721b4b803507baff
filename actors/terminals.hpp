// TERMINALS: the directory of all terminals of the workspace.
//
//   REST, connections ── create, find, list, delete ──► terminals
//   terminals ── spawn_session ──► holder;  spawns a terminal actor for each
//   terminals ── terminal_added, terminal_removed ──► every listener
//
// One per daemon, as long as the daemon. Gives out ids, keeps the limit,
// adopts the sessions a previous daemon left in the holder, forgets dead ones
// after limits::dead_session_ttl, and replaces a terminal actor that failed:
// the session itself is the holder's, so nothing is lost by that.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/holder.hpp"
#include "actors/id_pool.hpp"
#include "actors/supervisor.hpp"
#include "actors/terminal.hpp"
#include "actors/terminal_spawn.hpp"
#include "protocol/meters.hpp"
#include "protocol/status_body.hpp"

namespace outrigger {

struct create_terminal {
  create_terminal_body body;
};
struct list_terminals {};
struct terminal_list {
  std::vector<terminal_summary> terminals;
};
struct find_terminal {
  std::uint8_t id = 0;
};
struct found_terminal {
  terminal_summary summary;
  terminal_actor terminal;
};
/// The actor of every listed terminal.
struct find_terminals {};
struct found_terminals {
  std::vector<terminal_actor> terminals;
};
/// Whether the client of these points can be served: malformed when one lies
/// beyond what its terminal has printed. A terminal that is gone is no reason;
/// the client finds out from what it is told after the upgrade.
struct check_resume_points {
  std::vector<resume_point> points;
};
struct delete_terminal {
  std::uint8_t id = 0;
};
/// Deletes every terminal; the answer comes when nothing of any runs. From
/// then on none is created.
struct end_all_terminals {};
/// Adopts what the holder has kept. The answer comes when every session is
/// listed; until then nothing else should be asked.
struct adopt_sessions {};

/// A terminal exists: sent for each existing one at subscription, and then
/// for each new one. Sent again with the same key when its actor was replaced.
struct terminal_added {
  std::uint8_t id = 0;
  std::uint64_t key = 0;
  terminal_actor terminal;
  std::optional<terminal_exit> exit; // set when it has exited already
};
/// Nothing of it runs any more and its id is free. A deleted terminal leaves
/// the list at once, but its viewers stay with it until here.
struct terminal_removed {
  std::uint8_t id = 0;
  std::uint64_t key = 0;
  terminal_exit exit;     // how it ended, for those who have not been told
  std::uint64_t head = 0; // the end of its output
};
/// Every terminal that existed at the subscription has been told.
struct terminals_complete {};
using terminal_listener = caf::typed_actor<caf::reacts_to<terminal_added>,
                                           caf::reacts_to<terminal_removed>,
                                           caf::reacts_to<terminals_complete>>;
struct subscribe_terminals {
  terminal_listener listener;
};
struct count_terminals {};
struct terminal_counts {
  std::size_t alive = 0;
  std::size_t listed = 0;
};

/// INTERNAL: a dead session's hour is over.
struct expire_terminal {
  std::uint64_t key = 0;
};
/// INTERNAL: the holder did not answer when it was asked to end a session.
struct end_again {
  std::uint64_t key = 0;
};

using terminals_actor = caf::typed_actor<
    // Fails with terminal_limit at the limit, malformed when the program or the
    // directory cannot be used, unavailable without a holder.
    caf::replies_to<create_terminal>::with<terminal_summary>,
    caf::replies_to<list_terminals>::with<terminal_list>,
    caf::replies_to<find_terminals>::with<found_terminals>,
    // These fail with not_found.
    caf::replies_to<find_terminal>::with<found_terminal>,
    caf::replies_to<delete_terminal>::with<done>,
    caf::replies_to<check_resume_points>::with<done>,
    caf::replies_to<end_all_terminals>::with<done>,
    caf::replies_to<adopt_sessions>::with<terminal_counts>,
    caf::replies_to<count_terminals>::with<terminal_counts>,
    caf::reacts_to<subscribe_terminals>,
    // From the holder actor and from terminals.
    caf::reacts_to<session_ended>, caf::reacts_to<holder_lost>,
    caf::reacts_to<terminal_exited>, caf::reacts_to<expire_terminal>,
    caf::reacts_to<end_again>>;

struct terminals_options {
  std::size_t limit = limits::default_terminal_limit;
  terminal_defaults defaults;
  /// Kept up to date, unless null; both outlive the actor.
  terminal_meters* counted = nullptr;
  health_board* board = nullptr;
};

struct terminals_state {
  static inline const char* name = "terminals";

  struct entry {
    terminal_record record;
    session_ptr session;
    terminal_actor actor;
    std::optional<terminal_exit> exit; // until then it counts as alive
    bool listed = true;    // false once deleted, until nothing of it runs
    bool was_dead = false; // when this daemon took it over
  };

  terminals_actor::pointer self = nullptr;
  holder_actor holder;
  terminals_options options;
  std::map<std::uint64_t, entry> entries; // by session key
  std::vector<terminal_listener> listeners;
  restart_budget budget;
  id_pool ids;
  std::size_t spawning = 0; // spawns under way; they count for the limit too
  bool ending = false;      // end_all was asked
  std::vector<caf::typed_response_promise<done>> waiting_for_end;

  caf::result<terminal_summary> create(const create_terminal& request);
  terminal_list list() const;
  found_terminals find_all() const;
  caf::result<done> check(const check_resume_points& request) const;
  caf::result<found_terminal> find(std::uint8_t id) const;
  caf::result<done> remove(std::uint8_t id);
  caf::result<done> end_all();
  caf::result<terminal_counts> adopt();
  terminal_counts count() const;
  void subscribe(const terminal_listener& listener);
  void ended(std::uint64_t key);
  void lost(const std::string& reason);
  void exited(const terminal_exited& event);
  void expire(std::uint64_t key);
  void end_again(std::uint64_t key);
  void check_all_ended();
  void actor_down(const caf::down_msg& down);
  void quit(const caf::exit_msg& exit);

  const entry* listed(std::uint8_t id) const;
  static error no_terminal(std::uint8_t id);
  entry& add(terminal_record record, session_ptr session);
  void adopt(const session_ptr& session);
  void take_off(entry& e);
  void run_actor(entry& e);
  void announce(const entry& e);
  void publish_counts() const;
  void drop(std::uint64_t key);
  std::optional<std::uint8_t> free_id();
};

terminals_actor::behavior_type
terminals(terminals_actor::stateful_pointer<terminals_state> self,
          holder_actor holder, terminals_options options);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::create_terminal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::list_terminals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminal_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::find_terminals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::found_terminals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::check_resume_points)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::find_terminal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::found_terminal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::delete_terminal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::end_all_terminals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::adopt_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminal_added)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminal_removed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminals_complete)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::subscribe_terminals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::count_terminals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminal_counts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::expire_terminal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::end_again)
