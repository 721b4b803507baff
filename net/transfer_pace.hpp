// TRANSFER PACE: how long a peer may take over a body, in either direction. It
// may pause for as long as its limit says, again and again, but has to get
// somewhere; only the time that is spent waiting for it counts, not what our
// own disk takes.
//
// transfer_pace is the rule alone, told the time; transfer_clock applies it to
// a connection's deadline. Parts of one transfer, on the loop.

#pragma once

#include <chrono>
#include <cstdint>

#include "net/deadline.hpp"

namespace outrigger {

class transfer_pace {
public:
  using clock = std::chrono::steady_clock;

  struct rule {
    /// For the next `least` bytes to move. So a peer that sends or takes fewer
    /// in such a time is given up.
    clock::duration patience;
    std::uint64_t least = 1;
    /// On the whole: `grace`, and a second more for each `rate` bytes that
    /// have moved. What is over it has the present patience left, and no more.
    /// No rate: for ever.
    clock::duration grace{};
    std::uint64_t rate = 0;
  };

  explicit transfer_pace(const rule& the_rule) : rule_{the_rule} {}

  /// From now on the peer is waited for.
  void begin(clock::time_point now) { began_ = now; }

  /// Until now. Directly after this it may begin again.
  void end(clock::time_point now) {
    used_ += now - began_;
    waited_ += now - began_;
    began_ = now;
  }

  void moved(std::uint64_t bytes) {
    total_ += bytes;
    fresh_ += bytes;
    if (fresh_ < rule_.least)
      return;
    fresh_ = 0;
    if (rule_.rate == 0 || waited_ <= rule_.grace + bought())
      used_ = {};
  }

  /// How much longer it may take from where the wait began; none, or less:
  /// it is given up.
  [[nodiscard]] clock::duration left() const { return rule_.patience - used_; }

private:
  [[nodiscard]] clock::duration bought() const {
    return std::chrono::seconds{total_ / rule_.rate};
  }

  rule rule_;
  clock::time_point began_;
  clock::duration used_{};   // of the patience
  clock::duration waited_{}; // altogether
  std::uint64_t fresh_ = 0;  // bytes that have not renewed the patience yet
  std::uint64_t total_ = 0;
};

class transfer_clock {
public:
  transfer_clock(deadline& limit, const transfer_pace::rule& rule)
      : limit_{limit}, pace_{rule} {}

  /// The peer's turn.
  void start() {
    running_ = true;
    pace_.begin(now());
    limit_.set(pace_.left());
  }

  /// So much has moved, in whose turn ever it was.
  void moved(std::uint64_t bytes) {
    if (running_)
      pace_.end(now());
    pace_.moved(bytes);
    if (running_)
      limit_.set(pace_.left());
  }

  /// Our turn.
  void stop() {
    if (!running_)
      return;
    running_ = false;
    pace_.end(now());
    limit_.cancel();
  }

private:
  static transfer_pace::clock::time_point now() {
    return transfer_pace::clock::now();
  }

  deadline& limit_;
  transfer_pace pace_;
  bool running_ = false;
};

} // namespace outrigger
