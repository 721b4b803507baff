// HOLDER: the daemon's end of the holder process, as an actor.
//
//   terminals ── spawn_session, end_session, forget_session ──► holder
//   holder ── session_ended, holder_lost ──► its subscribers
//
// One per daemon. When the holder process dies, its sessions die with it:
// the subscribers are told, a new holder is started, and new sessions work at
// once. Adopts a live holder's sessions at the start.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/caf.hpp"
#include "actors/os/holder_client.hpp"
#include "actors/os/holder_handshake.hpp"
#include "actors/os/result.hpp"
#include "actors/os/session.hpp"
#include "actors/os/worker_pool.hpp"
#include "protocol/status_body.hpp"

namespace outrigger {

using session_ptr = std::shared_ptr<os::session>;

/// Runs a program in a new session. Fails with malformed when the program or
/// the directory is not there (the holder's answer names which), unavailable
/// when there is no holder and none can be started; while one is being
/// started the request waits.
struct spawn_session {
  os::spawn_request request;
};
struct spawned_session {
  session_ptr session;
};
/// Ends everything in the session: SIGHUP, 2 s, SIGTERM, 3 s, SIGKILL. The
/// answer comes at once, session_ended when nothing is left.
struct end_session {
  std::uint64_t key = 0;
};
/// Drops an exited session and its ring in the holder.
struct forget_session {
  std::uint64_t key = 0;
};
/// All sessions the holder keeps, with their rings.
struct list_sessions {};
struct listed_sessions {
  std::vector<session_ptr> sessions;
};
/// Whether the holder answers.
struct is_holder_alive {};

/// Nothing of the session runs any more.
struct session_ended {
  std::uint64_t key = 0;
};
/// The holder is gone, and every session with it.
struct holder_lost {
  std::string reason;
};
using session_listener = caf::typed_actor<caf::reacts_to<session_ended>,
                                          caf::reacts_to<holder_lost>>;
/// One more who is told of the two above, of every session: for as long as
/// both live.
struct subscribe_sessions {
  session_listener listener;
};

/// INTERNAL: the client's callbacks, as messages.
struct client_lost {
  std::string reason;
};
/// INTERNAL: try again to start a holder.
struct restart_holder {};
/// What an attempt to reach a holder, starting one, came to.
struct holder_attempt {
  std::optional<os::holder_connection> connection;
  std::string failure; // why there is none
};
/// INTERNAL: an attempt is over. Shared because a message is copied.
struct holder_started {
  std::shared_ptr<holder_attempt> attempt;
};
/// INTERNAL: time to ask the holder whether it answers.
struct probe_holder {};
/// INTERNAL: whether it did.
struct holder_probed {
  bool answered = false;
};

using holder_actor = caf::typed_actor<
    caf::replies_to<spawn_session>::with<spawned_session>,
    caf::replies_to<end_session>::with<done>,
    caf::replies_to<forget_session>::with<done>,
    caf::replies_to<list_sessions>::with<listed_sessions>,
    caf::replies_to<is_holder_alive>::with<bool>,
    caf::reacts_to<subscribe_sessions>,
    // INTERNAL
    caf::reacts_to<session_ended>, caf::reacts_to<client_lost>,
    caf::reacts_to<restart_holder>, caf::reacts_to<holder_started>,
    caf::reacts_to<probe_holder>, caf::reacts_to<holder_probed>>;

/// What the actor works with; the loop and the pool outlive it.
struct holder_deps {
  boost::asio::io_context& loop;
  os::worker_pool& workers;
  std::string program;     // outrigger-holder, for messages
  std::string socket_path; // where it listens
  /// Starts one there when none listens. Blocks; called on the pool, and by
  /// connect_holder, by one thread at a time.
  std::function<os::result<pid_t>()> start;
  health_board* board = nullptr; // told whether it answers, if any
};

/// Connects to the holder at the path, starting one if nobody listens there.
/// Blocks, for a few milliseconds when a holder has to be started. Throws
/// std::runtime_error with a sentence for the user: for the start of the
/// daemon.
[[nodiscard]] std::unique_ptr<os::holder_client>
connect_holder(const holder_deps& deps);

struct holder_state {
  static inline const char* name = "holder";

  holder_actor::pointer self = nullptr;
  std::optional<holder_deps> deps;
  std::unique_ptr<os::holder_client> client; // null while there is no holder
  bool answers = true; // the client's holder, when it was last asked
  std::vector<session_listener> listeners;
  std::chrono::milliseconds retry{0};
  /// Spawns that wait for the next holder, at most max_waiting.
  struct waiting_spawn {
    spawn_session request;
    caf::typed_response_promise<spawned_session> promise;
  };
  std::vector<waiting_spawn> waiting;
  static constexpr std::size_t max_waiting = 16;

  void use(std::unique_ptr<os::holder_client> connected);
  caf::result<spawned_session> spawn(const spawn_session& request);
  void spawn(const spawn_session& request,
             caf::typed_response_promise<spawned_session> promise);
  void wait(const spawn_session& request,
            caf::typed_response_promise<spawned_session> promise);
  caf::result<listed_sessions> list();
  caf::result<done> end(std::uint64_t key);
  caf::result<done> forget(std::uint64_t key);
  void lost(const std::string& reason);
  void ended(std::uint64_t key) const;
  void restart();
  void started(holder_attempt& attempt);
  void probe();
  void publish() const;
};

/// `client` is connected. Passed by pointer because spawn arguments are
/// copied.
holder_actor::behavior_type
holder(holder_actor::stateful_pointer<holder_state> self, holder_deps deps,
       std::shared_ptr<std::unique_ptr<os::holder_client>> client);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::spawn_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::spawned_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::end_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::forget_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::list_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::listed_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::is_holder_alive)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::session_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::holder_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::subscribe_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::client_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::restart_holder)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::holder_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::probe_holder)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::holder_probed)
