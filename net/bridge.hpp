// BRIDGE: the endpoint made of actors. The only file of net/ that knows both
// CAF and the sockets' interfaces.
//
//   http_session ── rest_call ──► bridge ── request ──► terminals, terminal
//   websocket_session ── frames ──► bridge's handlers ── messages ──►
//                                                         connection actor
//
// Built by the composition root; lives until the server has stopped.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "actors/files/files_desk.hpp"
#include "actors/files/runtime_socket.hpp"
#include "actors/rest_desk.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

/// Those that tell of changes.
struct watch_actors {
  call_actor desk;
  watches_actor watches;
  stats_actor stats;
};

struct bridge_deps {
  caf::actor_system& system;
  boost::asio::io_context& loop;
  desk_actor desk;
  files_actor files;
  terminals_actor terminals;
  /// Makes the body of /health, which waits for nobody.
  std::function<std::string()> health;
  limits::edge_limits limits = {};
  call_actor search = {}; // none: searches are not served
  watch_actors watching = {};
};

/// An endpoint over these actors.
[[nodiscard]] std::unique_ptr<endpoint> make_bridge(bridge_deps deps);

} // namespace outrigger
