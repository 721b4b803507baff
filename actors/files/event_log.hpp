// EVENT LOG: the events of one watch that somebody has still to fetch, each
// kept once, for all who watch.
//
//   watch ── append ──► log ── from(cursor) ──► slices
//
// Bounded in bytes: the oldest go first, and whoever has not fetched them is
// told that something was lost. A reader is a number, the sequence of the
// event it wants next.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/files/watch_event.hpp"
#include "protocol/frame.hpp"

namespace outrigger {

/// An event and its texts, made when they are first asked for.
struct logged_event {
  watch_event event;
  mutable bytes_ptr plain = nullptr;
  mutable bytes_ptr extended = nullptr;
};

using event_ptr = std::shared_ptr<const logged_event>;

class event_log {
public:
  /// For some ten thousand events.
  static constexpr std::size_t default_limit = 4 * 1024 * 1024;

  explicit event_log(std::size_t limit = default_limit) : limit_{limit} {}

  /// Gives it the next number.
  void append(watch_event event);

  /// The number the next event will have, and that of the oldest one kept, or
  /// the next one.
  [[nodiscard]] std::uint64_t next() const { return next_; }
  [[nodiscard]] std::uint64_t first() const { return next_ - events_.size(); }

  /// Events from a number on, of about so many bytes, at least one if there
  /// is one. The number is not below first().
  [[nodiscard]] std::vector<event_ptr> from(std::uint64_t sequence,
                                            std::size_t bytes) const;

  /// Drops what is before a number: everybody has it.
  void forget(std::uint64_t before);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
  void drop_first();

  std::size_t limit_;
  std::deque<event_ptr> events_;
  std::uint64_t next_ = 1;
  std::size_t bytes_ = 0;
};

} // namespace outrigger
