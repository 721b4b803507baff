#include "actors/supervisor.hpp"

#include <utility>

namespace outrigger {
namespace {

using names = std::map<caf::actor_addr, std::string>;

caf::behavior vital_watcher(caf::event_based_actor* self, const names& vital,
                            std::function<void(const std::string&)> failed) {
  for (const auto& [address, name] : vital)
    self->monitor(address);
  self->set_down_handler(
      [vital, failed = std::move(failed)](const caf::down_msg& down) {
        if (!ended_normally(down.reason))
          failed("the " + vital.at(down.source) +
                 " actor failed: " + reason_text(down.reason));
      });
  return {[](done) {}}; // waits for nothing else
}

} // namespace

caf::actor watch_vital(caf::actor_system& system,
                       const std::vector<caf::strong_actor_ptr>& vital,
                       std::function<void(const std::string&)> failed) {
  names watched;
  for (const auto& actor : vital) {
    const auto* named = dynamic_cast<caf::local_actor*>(
        caf::actor_cast<caf::abstract_actor*>(actor));
    watched[caf::actor_cast<caf::actor_addr>(actor)] =
        named ? named->name() : "unnamed";
  }
  return system.spawn(vital_watcher, watched, std::move(failed));
}

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
