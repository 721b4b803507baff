#include "tools/holder/end_ladder.hpp"

#include <signal.h>

#include <algorithm>

namespace outrigger::holder {

namespace {

using namespace std::chrono_literals;

constexpr auto hang_up_time = 2s;
constexpr auto terminate_time = 3s;
constexpr auto kill_time = 10s;
constexpr auto look_again = 50ms;
constexpr auto first_kill_delay = 10ms;
constexpr auto last_kill_delay = 1000ms;

} // namespace

end_ladder::end_ladder(event_loop& loop, held_session& session, done on_done)
    : loop_(loop), session_(session), on_done_(std::move(on_done)),
      next_rung_(event_loop::clock::now() + hang_up_time) {
  if (!empty())
    hang_up();
  check_after(0ms); // never on_done before the caller has us
}

end_ladder::~end_ladder() {
  loop_.cancel(timer_);
}

// Never puts a look off: while processes end all the time there would be none.
void end_ladder::hurry() {
  // Several may end at once: one look for all. What is being killed may fork
  // as fast as it ends.
  const auto soon = rung_ == rung::kill ? first_kill_delay : 1ms;
  if (due_ > event_loop::clock::now() + soon)
    check_after(soon);
}

void end_ladder::check_after(std::chrono::milliseconds delay) {
  due_ = event_loop::clock::now() + delay;
  loop_.cancel(timer_);
  timer_ = loop_.after(delay, [this] { check(); });
}

bool end_ladder::empty() {
  const membership who{session_.key(), session_.pid(), session_.reaped(),
                       &session_.group()};
  members_ = find_members(who, members_);
  return members_.empty() && session_.reaped() && !session_.group().populated();
}

void end_ladder::check() {
  timer_ = 0;
  if (empty())
    return finish(true);
  if (event_loop::clock::now() >= next_rung_) {
    if (rung_ == rung::kill)
      return finish(false);
    climb();
  }
  if (rung_ == rung::hang_up && !hung_up_)
    hang_up();
  if (rung_ == rung::kill)
    kill();
  check_after(rung_ == rung::kill ? kill_delay_ : look_again);
}

void end_ladder::finish(bool empty) {
  const auto report = std::move(on_done_); // destroys us
  report(empty);
}

void end_ladder::climb() {
  if (rung_ == rung::hang_up) {
    rung_ = rung::terminate;
    next_rung_ = event_loop::clock::now() + terminate_time;
    return terminate();
  }
  rung_ = rung::kill;
  next_rung_ = event_loop::clock::now() + kill_time;
}

// Once for everybody: programs take a second SIGHUP as "never mind tidying up",
// and what they start in order to tidy up must not get one either. Tried again
// only as long as it reached nobody, which is when the leader was just forked
// and has no session yet. A leader that was further has heard it: before its
// exec and until it has handlers the signal's default action, at most blocked
// for a moment, ends it.
void end_ladder::hang_up() {
  const pid_t foreground = session_.foreground_group();
  for (const auto& process : members_) {
    if (process.group != session_.pid() && process.group != foreground)
      continue;
    send_signal(process, SIGHUP);
    send_signal(process, SIGCONT); // a stopped one would not notice
    hung_up_ = true;
  }
}

void end_ladder::terminate() {
  for (const auto& process : members_) {
    send_signal(process, SIGTERM);
    send_signal(process, SIGCONT);
  }
}

// Slower and slower while the same survive it. Somebody new means that it
// spreads, and then speed decides.
void end_ladder::kill() {
  const bool spreads =
      std::any_of(members_.begin(), members_.end(), [this](const member& m) {
        return std::find(killed_.begin(), killed_.end(), m) == killed_.end();
      });
  kill_delay_ = spreads ? first_kill_delay
                        : std::min<std::chrono::milliseconds>(kill_delay_ * 2,
                                                              last_kill_delay);
  killed_ = members_;
  if (session_.group())
    (void)session_.group().kill(); // at once, against whatever forks
  for (const auto& process : members_)
    send_signal(process, SIGKILL);
}

} // namespace outrigger::holder
