// TERMINAL: one child process on a pty, and the clients watching it.
//
//   holder's ring -> terminal -> every viewer with room
//   connection -> terminal -> pty
//
// Outlives its clients: a disconnect only detaches. After the child exits it
// still answers attach, so a late client sees the last output, until the
// terminals actor ends it. The process itself outlives this actor and the
// daemon: it belongs to the holder.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/os/session.hpp"
#include "actors/terminal_output.hpp"
#include "actors/viewer.hpp"
#include "protocol/terminal_rest.hpp"

namespace outrigger {

/// See terminal_output::attach.
struct attach_viewer {
  viewer_id who = 0;
  viewer_actor handle;
  std::optional<std::uint64_t> after;
};
struct detach_viewer {
  viewer_id who = 0;
};
/// Room for one more output_slice of at most `max` bytes.
struct pull_output {
  viewer_id who = 0;
  std::size_t max = 0;
};
struct ack_output {
  viewer_id who = 0;
  std::uint64_t offset = 0;
};
/// Keystrokes, at most limits::input_chunk. The sender keeps to one chunk at
/// a time: the next after input_taken.
struct terminal_input {
  viewer_actor from;
  bytes_ptr bytes;
};
/// The sender is going: the chunk it has under way and `rest`, which may be
/// empty, are still typed, as far as limits::left_input goes.
struct leave_input {
  viewer_actor from;
  bytes_ptr rest;
};
struct resize_terminal {
  terminal_size size;
};
/// The same without an answer, but resize_refused when it fails.
struct viewer_resize {
  viewer_actor from;
  terminal_size size;
};
struct get_scrollback {
  std::optional<std::size_t> max; // the last so many bytes; none: scrollback
};
/// For /metrics: how far behind each viewer is.
struct measure_viewers {};
struct viewer_lags {
  std::uint8_t id = 0;
  std::vector<viewer_lag> viewers;
};
/// The holder is gone and the process with it.
struct lose_session {
  std::string reason;
};
/// The ring's eventfd fired: new output, or the exit record.
struct ring_advanced {};
/// The pty takes input again.
struct input_writable {};
/// Time to look after viewers that hold up the program.
struct check_patience {
  terminal_output::clock::time_point due;
};

using terminal_actor = caf::typed_actor<
    caf::reacts_to<attach_viewer>, caf::reacts_to<detach_viewer>,
    caf::reacts_to<pull_output>, caf::reacts_to<ack_output>,
    // Answered by input_taken once the pty has it, or at once after the exit.
    caf::reacts_to<terminal_input>, caf::reacts_to<leave_input>,
    // Fails with not_found once the child is gone.
    caf::replies_to<resize_terminal>::with<terminal_size>,
    caf::reacts_to<viewer_resize>,
    caf::replies_to<get_scrollback>::with<scrollback>,
    caf::replies_to<measure_viewers>::with<viewer_lags>,
    caf::reacts_to<lose_session>,
    // INTERNAL
    caf::reacts_to<ring_advanced>, caf::reacts_to<input_writable>,
    caf::reacts_to<check_patience>>;

/// What the terminals actor is told when the child has exited.
struct terminal_exited {
  std::uint64_t key = 0;
  terminal_exit exit;
};
using exit_listener = caf::typed_actor<caf::reacts_to<terminal_exited>>;

/// What is kept of a terminal beside the session itself, so that a later
/// daemon knows it again: stored as the session's tag in the holder.
struct terminal_record {
  std::uint8_t id = 0;
  std::size_t scrollback_size = limits::default_scrollback;
  std::string cwd;
  std::vector<std::string> command;
};

/// At most `max` bytes: a long directory or command is cut, and is then shown
/// cut by the next daemon. The id and the scrollback size never are.
[[nodiscard]] std::string to_tag(const terminal_record& record,
                                 std::size_t max);
/// Nothing when the tag is not a terminal's.
[[nodiscard]] std::optional<terminal_record> from_tag(std::string_view tag);

/// What clients are told about a terminal.
[[nodiscard]] terminal_summary summarise(const terminal_record& record,
                                         const os::session& session,
                                         std::optional<terminal_exit> exit);

/// 16 hex digits: the session's identity as clients see it.
[[nodiscard]] std::string identity(std::uint64_t key);

struct terminal_state {
  static inline const char* name = "terminal";

  terminal_actor::pointer self = nullptr;
  terminal_record record;
  std::shared_ptr<os::session> session;
  std::optional<terminal_output> output;
  exit_listener listener;
  terminal_meters* counted = nullptr;
  bool exit_reported = false;
  std::optional<terminal_output::clock::time_point> next_check;

  /// Input on its way to the pty: chunks with who is to be told. One chunk of
  /// each viewer, and what those who went have left.
  struct pending_input {
    viewer_actor from; // null: left
    bytes_ptr bytes;
    std::size_t written = 0;
  };
  std::deque<pending_input> input;
  std::size_t left_input = 0; // bytes of chunks that were left

  void start();
  void attach(const attach_viewer& request);
  void detach(viewer_id who);
  void take_input(const terminal_input& request);
  void take_left_input(const leave_input& request);
  void limit_left_input();
  void leave(const std::string& rest);
  void log_dropped(std::size_t bytes) const;
  void write_input();
  void input_done(const pending_input& chunk);
  void drop_input();
  result<terminal_size> resize(terminal_size wanted);
  scrollback read_scrollback(std::optional<std::size_t> max) const;
  void advance();
  void after_output();
  void tick(terminal_output::clock::time_point due);
  [[nodiscard]] terminal_output::clock::time_point now() const;
};

/// Spawn with terminal_actor's behavior; the session must be a pty's. What the
/// terminal does is added to `counted` unless it is null; it must outlive the
/// actor.
terminal_actor::behavior_type
terminal(terminal_actor::stateful_pointer<terminal_state> self,
         terminal_record record, std::shared_ptr<os::session> session,
         exit_listener listener, terminal_meters* counted);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::attach_viewer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::detach_viewer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::pull_output)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::ack_output)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminal_input)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::leave_input)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::resize_terminal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::viewer_resize)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::get_scrollback)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::measure_viewers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::viewer_lags)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::lose_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::ring_advanced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::input_writable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::check_patience)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminal_exited)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminal_size)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::terminal_summary)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::scrollback)
