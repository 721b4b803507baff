// LIVENESS: when a WebSocket's peer was heard last, and what follows from it.
// Part of a websocket_session; knows no socket and no timer, only times.

#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "protocol/limits.hpp"

namespace outrigger {

class liveness {
public:
  using clock = std::chrono::steady_clock;

  explicit liveness(const limits::edge_limits& limits) : limits_{limits} {}

  [[nodiscard]] const limits::edge_limits& limits() const { return limits_; }

  void heard(clock::time_point now) { heard_ = now; }
  void pinged(clock::time_point now) { pinged_ = now; }
  /// Whether the look that is planned would be too late for this write.
  [[nodiscard]] bool write_began(clock::time_point now) {
    writing_since_ = now;
    return look_at_ > now + limits_.write_timeout;
  }
  void write_done() { writing_since_.reset(); }

  /// Nothing has come for so long that the peer is given up, pings or not.
  [[nodiscard]] bool is_silent(clock::time_point now) const {
    return now - heard_ >= limits_.pong_timeout;
  }

  /// One write has taken so long that the kernel is to be asked whether
  /// anybody is there.
  [[nodiscard]] bool is_stuck(clock::time_point now) const {
    return writing_since_ && now - *writing_since_ >= limits_.write_timeout;
  }

  [[nodiscard]] bool ping_due(clock::time_point now) const {
    return now - heard_ >= limits_.ping_interval &&
           now - pinged_ >= limits_.ping_interval;
  }

  /// How long nothing of this can change, unless a write begins. Never at once:
  /// what is due already and could not be done is tried again after its time.
  /// A socket that is not read has nothing else to show that its peer has gone,
  /// and a stuck one's peer may be lost any time.
  [[nodiscard]] clock::duration plan_look(clock::time_point now, bool reading) {
    auto next = after(now, std::max(heard_, pinged_), limits_.ping_interval);
    next = std::min(next, after(now, heard_, limits_.pong_timeout));
    if (writing_since_)
      next = std::min(next, after(now, *writing_since_, limits_.write_timeout));
    if (!reading || is_stuck(now))
      next = std::min<clock::duration>(next, hang_up_check);
    look_at_ = now + next;
    return next;
  }

private:
  static constexpr auto hang_up_check = std::chrono::seconds{1};

  static clock::duration after(clock::time_point now, clock::time_point since,
                               clock::duration patience) {
    return since + patience > now ? since + patience - now : patience;
  }

  const limits::edge_limits& limits_;
  clock::time_point heard_;
  clock::time_point pinged_;
  clock::time_point look_at_;
  std::optional<clock::time_point> writing_since_;
};

} // namespace outrigger
