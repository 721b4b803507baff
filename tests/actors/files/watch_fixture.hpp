// A listener that records what a watch tells it, and asks for more when the
// test says so.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/files/watches.hpp"
#include "tests/support/actor_fixture.hpp"

namespace outrigger {

struct told_slices {
  std::vector<watch_slice> slices;
  std::vector<std::uint64_t> ended;
  std::vector<watcher_added> added;
  std::vector<std::uint64_t> removed;

  [[nodiscard]] std::vector<watch_event> events() const;
  /// "create /a", "ready", "lost", …
  [[nodiscard]] std::vector<std::string> told() const;
  [[nodiscard]] bool was_told(const std::string& what) const;
};

class watch_listening : public actor_fixture {
public:
  struct listener {
    watcher_follower actor;
    std::shared_ptr<told_slices> seen = std::make_shared<told_slices>();
  };
  listener listen();
  void join(const watch_actor& watch, const listener& who,
            std::uint64_t tag = 0);
  void pull(const watch_actor& watch, const listener& who,
            std::size_t bytes = 1 << 20, std::uint64_t tag = 0);
};

} // namespace outrigger
