// STRANGERS: connections that have not shown a credential yet. Few may be open
// at a time, and a newer one takes the place of an older one, so that no
// number of silent connections keeps out a client that has something to show.
//
// One per daemon, on the loop. Holds the connections weakly; a connection
// leaves when it is let in or ends.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "net/source.hpp"

namespace outrigger {

class session_base;

class strangers {
public:
  /// `seed` decides who is dropped; random in the daemon, fixed in tests.
  explicit strangers(std::size_t limit, std::uint64_t seed)
      : limit_{limit}, room_{limit}, random_{seed} {}

  /// Adds a connection; returns the one that has to go for it, or null.
  /// From half the limit on one goes with a growing probability, at the limit
  /// always: a random one of the source that has most.
  [[nodiscard]] std::shared_ptr<session_base>
  add(const std::shared_ptr<session_base>& session, const source& from);

  /// The connection was let in, or has ended. Nothing when it is not here.
  void remove(const session_base* session);

  /// Lowers the limit for the time being, or with limit() sets it back.
  /// Returns those that have to go.
  [[nodiscard]] std::vector<std::shared_ptr<session_base>>
  resize(std::size_t room);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t limit() const { return limit_; }

private:
  struct entry {
    const session_base* key = nullptr;
    std::weak_ptr<session_base> session;
    source from;
  };

  std::shared_ptr<session_base> take_victim();

  std::size_t limit_;
  std::size_t room_; // the limit for now
  std::vector<entry> entries_;
  std::mt19937_64 random_;
};

} // namespace outrigger
