#include "tools/holder/end_ladder.hpp"

#include <signal.h>

namespace outrigger::holder {

namespace {

using namespace std::chrono_literals;

constexpr auto hang_up_time = 2s;
constexpr auto terminate_time = 3s;
constexpr auto hang_up_interval = 200ms;
constexpr auto look_again = 50ms;
constexpr auto kill_again = 10ms;

} // namespace

end_ladder::end_ladder(event_loop& loop, held_session& session,
                       std::function<void()> on_empty)
    : loop_(loop), session_(session), on_empty_(std::move(on_empty)),
      next_rung_(event_loop::clock::now() + hang_up_time) {
  if (!empty())
    hang_up();
  check_after(0ms); // never on_empty before the caller has us
}

end_ladder::~end_ladder() {
  loop_.cancel(timer_);
}

void end_ladder::hurry() {
  if (rung_ != rung::kill)
    check_after(1ms); // several may end at once: one look for all
}

void end_ladder::check_after(std::chrono::milliseconds delay) {
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
  if (empty()) {
    const auto done = std::move(on_empty_); // destroys us
    return done();
  }
  if (event_loop::clock::now() >= next_rung_)
    climb();
  if (rung_ == rung::hang_up)
    hang_up_again();
  if (rung_ == rung::kill)
    kill();
  check_after(rung_ == rung::kill ? kill_again : look_again);
}

void end_ladder::climb() {
  if (rung_ == rung::hang_up) {
    rung_ = rung::terminate;
    next_rung_ = event_loop::clock::now() + terminate_time;
    return terminate();
  }
  rung_ = rung::kill;
}

void end_ladder::hang_up() {
  hung_up_ = event_loop::clock::now();
  const pid_t foreground = session_.foreground_group();
  for (const auto& process : members_) {
    if (process.group != session_.pid() && process.group != foreground)
      continue;
    send_signal(process, SIGHUP);
    send_signal(process, SIGCONT); // a stopped one would not notice
  }
}

// A shell that is only just starting loses the first one: it resets its
// signals after that.
void end_ladder::hang_up_again() {
  const auto now = event_loop::clock::now();
  if (now - hung_up_ >= hang_up_interval)
    hang_up();
}

void end_ladder::terminate() {
  for (const auto& process : members_) {
    send_signal(process, SIGTERM);
    send_signal(process, SIGCONT);
  }
}

void end_ladder::kill() {
  if (session_.group() && session_.group().kill())
    return;
  for (const auto& process : members_)
    send_signal(process, SIGKILL);
}

} // namespace outrigger::holder
