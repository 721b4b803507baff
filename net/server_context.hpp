// What every session of the edge works with: one per daemon, made by the
// composition root, used on the loop only. Everything it refers to outlives
// the sessions.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>

#include "net/overload_guard.hpp"
#include "net/penalties.hpp"
#include "net/strangers.hpp"
#include "net/stream.hpp"
#include "protocol/access.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/limits.hpp"
#include "protocol/meters.hpp"

namespace outrigger {

struct access_line; // protocol/access_line.hpp

/// A connection the server can end.
class session_base : public std::enable_shared_from_this<session_base> {
public:
  virtual ~session_base() = default;
  /// Ends it in good order, as soon as what is under way allows.
  virtual void shut_down() = 0;
  /// Ends it now.
  virtual void abort() = 0;
  /// Ends it because others need the memory it holds.
  virtual void shed() { abort(); }
  /// Bytes it holds for a peer that is too slow, or floods.
  [[nodiscard]] virtual std::size_t held_bytes() const { return 0; }
  /// Tokens were revoked or replaced: it looks whether its own still counts.
  virtual void access_changed() {}
};

struct server_context {
  server_context(asio::io_context& the_loop, access_policy policy,
                 edge_meters& meters_of_the_edge,
                 limits::edge_limits the_limits = {},
                 std::uint64_t seed = std::random_device{}())
      : loop{the_loop}, access{std::move(policy)}, limits{the_limits},
        counted{meters_of_the_edge}, load{counted},
        unknown{limits.max_unauthenticated, seed} {}

  /// A connection that has shown no credential: it is known as a stranger, and
  /// an older one may have to go for it.
  void meet(const std::shared_ptr<session_base>& session, const source& from) {
    if (auto victim = unknown.add(session, from)) {
      ++counted.evicted;
      victim->abort();
    }
  }

  void count(denial why) { ++counted.denied[static_cast<std::size_t>(why)]; }

  asio::io_context& loop;
  access_policy access;
  limits::edge_limits limits;
  edge_meters& counted;
  overload_guard load;
  strangers unknown;
  penalties offenders;
  ticket_book tickets;
  endpoint* behind = nullptr;
  /// Runs `work` on another thread, where it may block, then `done` on the
  /// loop. False, and neither runs, when there is no room for more for now. To
  /// be set before a file is answered.
  std::function<bool(std::function<void()> work, std::function<void()> done)>
      run_blocking;
  std::shared_ptr<asio::ssl::context> tls; // null: plain
  bool compression = false;                // permessage-deflate is offered
  /// Where requests and sockets are logged when they are over; may be null.
  std::function<void(const access_line&)> log_access;
  std::uint64_t last_request = 0; // number of the last request id
};

} // namespace outrigger
