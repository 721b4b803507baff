// The half of terminal_output that decides how far the program may run: for
// which viewers it waits, for how long, and whom it leaves behind.

#include <algorithm>
#include <utility>

#include "actors/terminal_output.hpp"

namespace outrigger {
namespace {

using os::free_running;

/// How far the program may run beyond what an acknowledging viewer may still
/// be sent, so that the next slice is there when its ack comes.
constexpr std::uint64_t ack_lead = 16 * 1024;

} // namespace

/// Counts a program that has used up its credit since it was last looked at.
void terminal_output::note_pause(std::uint64_t end) {
  const bool stopped = end >= session_credit() && !exited();
  if (stopped && !std::exchange(paused_, true))
    count(&terminal_meters::pauses);
}

void terminal_output::update_credit() {
  auto credit = free_running;
  for (const auto& v : viewers_)
    if (v.lossless)
      credit = std::min(credit, limit_for(v));
  session_.set_credit(credit);
}

/// The offset up to which the program may run for this viewer's sake: by what
/// it was sent, or by what it has rendered if it tells. A large scrollback
/// does not make it more, for all of it is what a Ctrl-C has to wait for.
std::uint64_t terminal_output::limit_for(const viewer& v) const {
  const auto most = std::min<std::uint64_t>(session_.output().capacity(),
                                            limits::default_ring);
  return v.cursor + (v.acked ? std::min(most, window(v) + ack_lead) : most);
}

/// The offset at which the program is stopped.
std::uint64_t terminal_output::session_credit() const {
  return session_.output().credit();
}

std::optional<std::chrono::milliseconds> terminal_output::next_tick() const {
  const auto end = head();
  const auto unready = [end](const viewer& v) {
    return v.lossless && !waiting(v, end);
  };
  if (exited() || std::none_of(viewers_.begin(), viewers_.end(), unready))
    return std::nullopt;
  const bool moving = end != ticked_head_ || end == session_credit();
  return moving ? patience_tick : idle_tick;
}

void terminal_output::tick(clock::time_point now) {
  const auto end = head();
  ticked_head_ = end;
  const auto passed = std::min<clock::duration>(now - ticked_, patience_tick);
  ticked_ = now;
  for (auto& v : viewers_)
    if (v.cursor == end)
      v.advanced = now; // has nothing to be late with
  if (end < session_credit())
    return advance(now); // nobody is kept waiting
  const bool others_wait =
      std::any_of(viewers_.begin(), viewers_.end(),
                  [end](const viewer& v) { return waiting(v, end); });
  for (auto& v : viewers_) {
    // Also one for whom the program could still go on a little: else several
    // that stopped at different places would take their time in turn.
    if (others_wait && v.cursor < end)
      v.held += passed;
    const bool holds = end >= limit_for(v);
    const bool left =
        (holds && now - v.advanced >= limits::lossless_patience) ||
        v.held >= shared_patience;
    if (left && std::exchange(v.lossless, false))
      count(&terminal_meters::left_behind);
  }
  advance(now);
}

} // namespace outrigger
