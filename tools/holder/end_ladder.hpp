// END LADDER: ends everything in one session.
//
//   HUP to the foreground and leader's groups --2 s--> TERM to everything
//     --3 s--> KILL, again and again, until nobody is left --10 s--> gives up
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
  /// `empty`: nobody is left. Else what is left survives SIGKILL: it belongs
  /// to another user, or hangs in the kernel.
  using done = std::function<void(bool empty)>;

  /// `on_done` runs once, and may destroy the ladder.
  end_ladder(event_loop& loop, held_session& session, done on_done);
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
  void terminate();
  void kill();
  void check_after(std::chrono::milliseconds delay);
  [[nodiscard]] bool empty();
  void finish(bool empty);

  event_loop& loop_;
  held_session& session_;
  done on_done_;
  rung rung_ = rung::hang_up;
  event_loop::clock::time_point next_rung_;
  bool hung_up_ = false; // somebody was sent SIGHUP
  std::chrono::milliseconds kill_delay_{0};
  event_loop::id timer_ = 0;
  event_loop::clock::time_point due_; // of the timer
  std::vector<member> members_;       // as last seen
  std::vector<member> killed_;        // as last sent SIGKILL
};

} // namespace outrigger::holder
