// END LADDER: ends everything in one session.
//
//   HUP to the foreground and leader's groups --2 s--> TERM to everything
//     --3 s--> KILL, again and again, until nobody is left
//
// Skips the rest of a wait as soon as the session is empty. Owned by the
// session table, runs on without a daemon.
#pragma once

#include "tools/holder/event_loop.hpp"
#include "tools/holder/held_session.hpp"
#include "tools/holder/members.hpp"

#include <functional>
#include <vector>

namespace outrigger::holder {

class end_ladder {
public:
  /// `on_empty` runs once, and may destroy the ladder.
  end_ladder(event_loop& loop, held_session& session,
             std::function<void()> on_empty);
  end_ladder(const end_ladder&) = delete;
  end_ladder& operator=(const end_ladder&) = delete;
  ~end_ladder();

  /// Looks again soon: a process of ours has ended.
  void hurry();

private:
  enum class rung { hang_up, terminate, kill };

  void check();
  void climb();
  void hang_up();
  void hang_up_again();
  void terminate();
  void kill();
  void check_after(std::chrono::milliseconds delay);
  [[nodiscard]] bool empty();

  event_loop& loop_;
  held_session& session_;
  std::function<void()> on_empty_;
  rung rung_ = rung::hang_up;
  event_loop::clock::time_point next_rung_;
  event_loop::clock::time_point hung_up_; // last sent
  event_loop::id timer_ = 0;
  std::vector<member> members_; // as last seen
};

} // namespace outrigger::holder
