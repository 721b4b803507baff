// TERMINAL OUTPUT: one session's ring and everyone watching it. Part of the
// terminal actor's state and used on its thread only.
//
//   ring ──(cursor of viewer 1)──► slice ──► viewer 1
//        ──(cursor of viewer 2)──► slice ──► viewer 2
//
// Pull, not push: a viewer gets one slice for each pull, so it owns no memory
// here beyond that slice. A viewer starts lossless: the program is paused
// (by the ring's credit) rather than let unread bytes be overwritten. One
// that holds the program up for too long becomes latest: the program runs on
// and the viewer, when it wakes, is told which bytes it missed.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/os/session.hpp"
#include "actors/viewer.hpp"
#include "protocol/limits.hpp"
#include "protocol/meters.hpp"

namespace outrigger {

/// Names a viewer: the connection's number, unique in this daemon's life.
using viewer_id = std::uint64_t;

/// How long one viewer may keep the program stopped while another viewer has
/// everything and waits: a hidden browser tab must not slow the visible one.
/// Alone, a viewer may hold the program for limits::lossless_patience.
inline constexpr std::chrono::milliseconds shared_patience{150};

/// How often viewers that may hold up the program are looked at: while output
/// moves or waits, and while nothing happens.
inline constexpr std::chrono::milliseconds patience_tick{25};
inline constexpr std::chrono::milliseconds idle_tick{1000};

/// The exit code of a session that was lost, not ended: no program has it.
inline constexpr int lost_exit_code = -1;

/// How far one viewer is behind: bytes it has not been sent and, if it
/// acknowledges, those it has not rendered.
struct viewer_lag {
  viewer_id who = 0;
  std::uint64_t bytes = 0;
};

/// An exit as a shell reports it in $?.
[[nodiscard]] terminal_exit to_exit(const os::exit_status& status);

class terminal_output {
public:
  using clock = std::chrono::steady_clock;

  /// Borrows `session` and, unless null, `counted`, which must outlive it.
  /// `id` goes into every message.
  terminal_output(os::session& session, std::uint8_t id, std::size_t scrollback,
                  terminal_meters* counted = nullptr);

  /// Adds a viewer and tells it where its output starts: at `after` if given
  /// (with a gap first when that is no longer kept), else with the scrollback.
  /// Replaces a viewer of the same id. Refused when `after` was never printed.
  void attach(viewer_id who, viewer_actor handle,
              std::optional<std::uint64_t> after, terminal_size size,
              clock::time_point now);

  void detach(viewer_id who, clock::time_point now);

  /// The viewer's actor, or null when it is not attached.
  [[nodiscard]] const viewer_actor* handle_of(viewer_id who);

  /// Detaches every viewer that is this actor.
  void drop_viewers_of(const caf::actor_addr& source, clock::time_point now);

  /// The viewer has room for one slice of at most `max` bytes.
  void pull(viewer_id who, std::size_t max, clock::time_point now);

  /// The viewer has rendered everything before `offset`; from the first ack
  /// on at most limits::ack_window are in flight beyond the last.
  void ack(viewer_id who, std::uint64_t offset, clock::time_point now);

  /// There may be new output, or the end: gives it to whoever waits.
  void advance(clock::time_point now);

  /// Looks after viewers that hold up the program. To be called when
  /// next_tick() has passed.
  void tick(clock::time_point now);

  /// When to look next; nothing while every viewer is ready for more.
  [[nodiscard]] std::optional<std::chrono::milliseconds> next_tick() const;

  /// The session will never end by itself: its holder is gone. What is in the
  /// ring is still delivered.
  void lose(std::string reason, clock::time_point now);

  /// How the session ended, once it has.
  [[nodiscard]] std::optional<terminal_exit> exited() const;

  /// The last `max` bytes kept, or all that is kept.
  [[nodiscard]] std::string tail_bytes(std::size_t max,
                                       std::uint64_t& offset) const;

  /// End of the output so far.
  [[nodiscard]] std::uint64_t head() const;

  /// Every viewer, in the order they came.
  [[nodiscard]] std::vector<viewer_lag> lags() const;

private:
  struct viewer {
    viewer_id who = 0;
    viewer_actor handle;
    std::uint64_t cursor = 0;
    /// Output before this offset was printed before the viewer came: its
    /// terminal queries are stripped.
    std::uint64_t replay_until = 0;
    std::size_t wants = 0; // bytes of an unanswered pull, 0: none
    std::optional<std::uint64_t> acked;
    std::vector<output_gap> gaps; // not yet acknowledged beyond
    bool lossless = true;
    bool exit_told = false;
    clock::time_point
        advanced;            // when it last moved or had no output to wait for
    clock::duration held{0}; // how long it has kept others waiting
  };

  viewer* find(viewer_id who);
  void pump(viewer& v, std::uint64_t end, bool ended, clock::time_point now);
  void skip_lost(viewer& v);
  [[nodiscard]] bool send_slice(viewer& v, std::size_t size);
  bytes_ptr replay_slice(const viewer& v, std::size_t size);
  void tell_exit(viewer& v);
  void tell_gap(const viewer& v, std::uint64_t from);
  void note_pause(std::uint64_t end);
  void count(std::uint64_t terminal_meters::*what, std::uint64_t by = 1);
  [[nodiscard]] static std::uint64_t in_flight(const viewer& v);
  [[nodiscard]] static std::uint64_t window(const viewer& v);
  [[nodiscard]] static std::size_t room(const viewer& v);
  [[nodiscard]] static bool waiting(const viewer& v, std::uint64_t end);
  void update_credit();
  [[nodiscard]] std::uint64_t session_credit() const;
  [[nodiscard]] std::uint64_t limit_for(const viewer& v) const;
  [[nodiscard]] std::uint64_t replay_start() const;
  [[nodiscard]] std::uint64_t safe_offset(std::uint64_t from) const;
  bytes_ptr live_slice(std::uint64_t from, std::size_t size);

  os::session& session_;
  std::uint8_t id_;
  std::size_t scrollback_;
  terminal_meters* counted_;
  bool paused_ = false; // the program had no credit left when last looked at
  std::vector<viewer> viewers_;
  std::uint64_t ticked_head_ = 0; // the head at the last tick,
  clock::time_point ticked_;      // which was then
  std::string lost_;              // reason, when the session was lost
  // The last slice cut, for viewers at the same place.
  std::uint64_t shared_offset_ = 0;
  std::weak_ptr<const std::string> shared_slice_;
};

} // namespace outrigger
