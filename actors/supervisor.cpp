#include "actors/supervisor.hpp"

namespace outrigger {

bool restart_budget::take(clock::time_point now) {
  while (!taken_.empty() && now - taken_.front() >= window_)
    taken_.pop_front();
  if (taken_.size() >= limit_)
    return false;
  taken_.push_back(now);
  return true;
}

bool ended_normally(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown ||
         reason == caf::exit_reason::normal;
}

std::string reason_text(const caf::error& reason) {
  return reason ? from_caf(reason).detail : "done";
}

} // namespace outrigger
