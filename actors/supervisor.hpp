// SUPERVISION: how often a part may fail before it is given up.
//
// CAF has monitors but no supervisors. An actor that spawns others monitors
// them, asks its restart_budget when one goes down, and either replaces it or
// leaves that feature off and says so; it never takes the rest down. Only
// those without which nothing works are watched by watch_vital().

#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/caf.hpp"

namespace outrigger {

/// At most `limit` restarts within `window`; then none until old ones age out.
class restart_budget {
public:
  using clock = std::chrono::steady_clock;

  explicit restart_budget(std::size_t limit = 5,
                          clock::duration window = std::chrono::seconds{60})
      : limit_{limit}, window_{window} {}

  /// Takes one restart from the budget; false when there is none left.
  [[nodiscard]] bool take(clock::time_point now);

private:
  std::size_t limit_;
  clock::duration window_;
  std::deque<clock::time_point> taken_;
};

/// Handles of any type, as watch_vital takes them.
template <class... Handles>
std::vector<caf::strong_actor_ptr> strong(const Handles&... handles) {
  return {caf::actor_cast<caf::strong_actor_ptr>(handles)...};
}

/// Spawns an actor that calls `failed`, with a sentence, when one of `vital`
/// goes down although it was not told to. It keeps none of them alive.
caf::actor watch_vital(caf::actor_system& system,
                       const std::vector<caf::strong_actor_ptr>& vital,
                       std::function<void(const std::string&)> failed);

/// Whether an actor ended because it was told to or was done, not because it
/// failed.
[[nodiscard]] bool ended_normally(const caf::error& reason);

/// The reason an actor ended with, for the log.
[[nodiscard]] std::string reason_text(const caf::error& reason);

} // namespace outrigger
