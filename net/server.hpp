// SERVER: every listener and every open connection of the daemon.
//
//   listener ─ accept ─► http_session ─ upgrade ─► websocket_session
//
// Made by the composition root, lives until the loop has drained. stop()
// closes the listeners, sends each WebSocket a close frame and lets HTTP
// answers under way finish.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/stream.hpp"
#include "protocol/access.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/options.hpp"

namespace outrigger {

/// A connection the server can end.
class session_base : public std::enable_shared_from_this<session_base> {
public:
  virtual ~session_base() = default;
  /// Ends it in good order, as soon as what is under way allows.
  virtual void shut_down() = 0;
  /// Ends it now.
  virtual void abort() = 0;
};

/// What every session works with. Everything outlives the sessions.
struct server_context {
  asio::io_context& loop;
  access_policy access;
  endpoint* behind = nullptr;
  asio::ssl::context* tls = nullptr; // null: plain
  std::size_t sockets = 0;           // WebSockets open, for /health
  std::uint64_t last_request = 0;    // number of the last request id
};

class server {
public:
  explicit server(std::shared_ptr<server_context> context);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Binds and listens; clients that come before accept() wait. Returns the
  /// address as printed to the user
  /// ("http://127.0.0.1:3002", "unix:/run/x.sock"), or why it cannot.
  [[nodiscard]] result<std::string> listen(const listen_address& address);

  /// Starts to serve, on every listener. context->behind must be set.
  void accept();

  /// Stops accepting, shuts every connection down; `stopped` runs when none
  /// is left or `patience` is over, then the rest is cut.
  void stop(std::chrono::milliseconds patience, std::function<void()> stopped);

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace outrigger
