// SERVER: every listener and every open connection of the daemon.
//
//   listener ─ accept ─► http_session ─ upgrade ─► websocket_session
//
// Made by the composition root, lives until the loop has drained. stop()
// closes the listeners, sends each WebSocket a close frame and lets HTTP
// answers under way finish.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/server_context.hpp"
#include "protocol/options.hpp"

namespace outrigger {

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

  /// The same for a socket that listens already, which becomes ours.
  [[nodiscard]] result<std::string> adopt(int descriptor);

  /// Starts to serve, on every listener. context->behind must be set.
  void accept();

  /// Once a second: makes what is open fit the level of load, and the meters
  /// complete.
  void tick();

  /// Tokens were revoked or replaced: every connection looks at its own.
  void access_changed();

  /// Stops accepting, shuts every connection down; `stopped` runs when none
  /// is left or `patience` is over, then the rest is cut.
  void stop(std::chrono::milliseconds patience, std::function<void()> stopped);

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace outrigger
