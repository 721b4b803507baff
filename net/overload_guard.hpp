// OVERLOAD GUARD: the bytes that wait in all connections together, and how
// near the daemon is to its limits. Every connection tells it what it holds;
// once a second it is told what only the kernel knows.
//
//   websocket_session ── took_in, gave_out … ──► guard ── heaviest must go ──►
//   daemon, once a second ── sample ──► guard                       server
//
// One per daemon, on the loop.

#pragma once

#include <cstddef>
#include <functional>

#include "protocol/meters.hpp"
#include "protocol/overload.hpp"

namespace outrigger {

class overload_guard {
public:
  /// Counts into `counted`, which outlives it. Without a budget nothing is
  /// ever overloaded.
  explicit overload_guard(edge_meters& counted) : counted_{counted} {}

  /// An eighth of the memory may wait in queues; the rest is the daemon
  /// itself, scrollback, and what strings and the allocator hold beyond what
  /// is in them, which under a flood is several times that.
  static constexpr std::size_t queue_divisor = 8;

  void set_budget(const load_figures& budget) { budget_ = budget; }

  /// What to do when more waits than the budget has room for: called at once,
  /// from within changed(), and should end who holds most.
  void on_full(std::function<void()> full) { full_ = std::move(full); }

  /// A connection holds other amounts than before; see load_share.
  void changed(std::size_t in_before, std::size_t in, std::size_t out_before,
               std::size_t out);

  /// Bytes one connection may have read and not consumed before it is no
  /// longer read: `most` when there is room, less when others need it.
  [[nodiscard]] std::size_t read_window(std::size_t most) const;

  /// Once a second: what the kernel says.
  void sample(std::size_t memory, std::size_t descriptors);

  [[nodiscard]] const pressure& now() const { return now_; }
  [[nodiscard]] overload_level level() const { return now_.level; }

private:
  [[nodiscard]] std::size_t queued() const {
    return counted_.queued_in + counted_.queued_out;
  }

  edge_meters& counted_;
  load_figures budget_{};
  pressure now_;
  std::function<void()> full_;
  bool telling_ = false;
};

/// One connection's part of what waits. Told at every change; released with
/// the connection, or before, when the connection is already on its way out.
class load_share {
public:
  explicit load_share(overload_guard& guard) : guard_{guard} {}
  ~load_share() { release(); }
  load_share(const load_share&) = delete;
  load_share& operator=(const load_share&) = delete;

  /// What it holds by now. May end connections, the caller's too.
  void set(std::size_t in, std::size_t out);

  /// It counts for nothing any more.
  void release();

  [[nodiscard]] std::size_t bytes() const { return in_ + out_; }

private:
  overload_guard& guard_;
  std::size_t in_ = 0;
  std::size_t out_ = 0;
  bool released_ = false;
};

} // namespace outrigger
