// CONNECTION: one upgraded socket of the terminals dialect (/ws).
//
//   bridge ── client_input, client_message, stream_taken ──► connection
//   connection ── pull_output, terminal_input ──► terminals it watches
//   connection ── watch_feeds ──► watched folders
//   connection ── frames ──► frame_sink (its socket)
//
// Lives as long as its socket, which owns it and ends it; holds the sink
// weakly. Watches every terminal unless the client asked otherwise. It asks a
// terminal for its next slice when the one before has left for the socket, so
// it never holds more than one slice of a terminal.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/files/watch_feeds.hpp"
#include "actors/input_queue.hpp"
#include "actors/terminals.hpp"
#include "actors/viewer.hpp"
#include "protocol/frame.hpp"
#include "protocol/scopes.hpp"

namespace outrigger {

/// What the client asked for in its upgrade request.
struct connection_options {
  viewer_id number = 0;
  bool extended = false;  // ?ext=1
  bool view_only = false; // ?mode=view
  bool attach_all = true; // false: ?attach=none
  scope_set scopes;       // of its credential: terminals it may not see are
                          // as if not there
  std::vector<resume_point> after;
};

/// A binary frame: keystrokes for a terminal. `size` is what the sink is to
/// be told when they are consumed.
struct client_input {
  std::uint8_t id = 0;
  std::string bytes;
  std::size_t size = 0;
};
/// A text frame that was understood.
struct client_message {
  socket_message message;
  std::size_t size = 0;
};
/// A frame that was not.
struct client_mistake {
  error what;
  std::size_t size = 0;
};
/// A slice of this terminal left for the socket.
struct stream_taken {
  stream_id stream = 0;
};

/// The socket has ended.
struct client_closed {};

using connection_actor = viewer_actor::extend_with<terminal_listener>::
    extend_with<watcher_follower>::extend<
        caf::reacts_to<client_input>, caf::reacts_to<client_message>,
        caf::reacts_to<client_mistake>, caf::reacts_to<stream_taken>,
        caf::reacts_to<client_closed>>;

struct connection_state {
  static inline const char* name = "connection";

  /// One terminal of the workspace, watched or not.
  struct known {
    std::uint64_t key = 0;
    terminal_actor terminal;
    bool usable = false;          // input and resize are allowed
    bool watched = false;         // attach sent, neither refused nor detached
    bool started = false;         // the terminal has answered the attach
    std::uint64_t offset = 0;     // of the next byte, once started
    std::uint64_t replay_end = 0; // up to here it is what was there before
    bool replaying = false;
    std::uint64_t last_slice = 0; // number of its latest slice; 0: none yet
    bool slice_queued = false;    // a slice of it waits for the socket
    bool exit_told = false;
    input_queue input;
  };

  connection_actor::pointer self = nullptr;
  connection_options options;
  std::weak_ptr<frame_sink> sink;
  terminals_actor terminals;
  watches_actor watches; // none: no folders are watched
  watch_feeds feeds;
  std::map<std::uint8_t, known> all;
  std::uint64_t slices = 0; // delivered on this connection so far
  bool complete = false;    // every existing terminal is known
  /// What the client said before that.
  std::vector<std::variant<client_input, client_message>> early;
  /// Exits that wait until every live terminal's scrollback was sent, as
  /// clients expect at the start.
  struct late_exit {
    std::uint8_t id = 0;
    std::uint64_t key = 0;
    terminal_exit exit;
  };
  std::vector<late_exit> late_exits;
  bool settled = false; // what there was has been sent
  bool closed = false;  // by the socket, before everything was known

  void start();
  // From the directory of terminals.
  void added(const terminal_added& event);
  void removed(const terminal_removed& event);
  void all_known();
  // From terminals.
  void attached(const viewer_attached& event);
  void refused(const viewer_refused& event);
  void slice(const output_slice& event);
  void gap(const output_gap& event);
  void exited(const viewer_exit& event);
  void input_done(const input_taken& event);
  void resize_failed(const resize_refused& event);
  // From the client.
  void take_input(client_input input);
  void take_message(const client_message& message);
  void mistake(const client_mistake& mistake);
  void taken(stream_id stream);
  void close();

  void attach(known& t, std::optional<std::uint64_t> after);
  void attach(const attach_message& message);
  void detach(const detach_message& message);
  void ack(const ack_message& message);
  void resize(const resize_message& message);
  void watch(const watch_message& message);
  void unwatch(const unwatch_message& message);
  void pull(known& t);
  void send_input(known& t);
  void drop_input(known& t);
  void leave(known& t);
  void replayed();
  void tell_exit(std::uint8_t id, known& t, const terminal_exit& exit);
  void send_text(stream_id stream, std::string json);
  void send_error(std::optional<std::uint8_t> id, const error& err);
  void consumed(std::size_t bytes);
  known* find(std::uint8_t id);
  known* find_watched(std::uint8_t id, std::uint64_t key);
};

/// What a client is told that names no terminal, or may not use it.
[[nodiscard]] error unknown_terminal(std::uint8_t id);
[[nodiscard]] error view_only_refusal();

connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           connection_options options, std::weak_ptr<frame_sink> sink,
           terminals_actor terminals, watches_actor watches);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::client_input)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::client_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::client_mistake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::stream_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::client_closed)
