// LISTENER: one place where connections are accepted: TCP or a unix socket,
// bound by us or handed over by the service manager.
//
// Shared with its pending accept, which may have its connection already when
// the listener is closed. Used on the loop; ends with stop().

#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/gate.hpp"
#include "net/server_context.hpp"
#include "net/stream.hpp"
#include "protocol/options.hpp"
#include "protocol/result.hpp"

namespace outrigger {

class listener : public std::enable_shared_from_this<listener> {
public:
  using accepted_function = std::function<void(stream::socket_type, peer)>;

  /// Binds and listens; clients that come before accept() wait.
  [[nodiscard]] static result<std::shared_ptr<listener>>
  open(std::shared_ptr<server_context> context, const listen_address& address);

  /// Takes over a socket that listens already; the descriptor is ours from
  /// then on. It stays where it is when we stop.
  [[nodiscard]] static result<std::shared_ptr<listener>>
  adopt(std::shared_ptr<server_context> context, int descriptor);

  /// As printed to the user: "http://127.0.0.1:3002", "unix:/run/x.sock".
  [[nodiscard]] std::string url() const;
  [[nodiscard]] bool is_unix() const { return is_unix_; }

  /// Hands every connection to `accepted`. Out of descriptors, `make_room` is
  /// asked to give some back; when it has none (false), a waiting connection
  /// is closed rather than left hanging.
  void accept(accepted_function accepted, std::function<bool()> make_room);

  /// Accepts nothing more, and removes the unix socket it made.
  void stop();

private:
  using protocol_type = asio::generic::stream_protocol;
  using acceptor_type =
      asio::basic_socket_acceptor<protocol_type, stream::executor_type>;

  explicit listener(std::shared_ptr<server_context> context);

  template <class Endpoint>
  error_code bind(const Endpoint& at, bool both_versions = false);
  error_code bind_all(std::uint16_t port);
  void accept_next();
  void accept_waiting();
  void serve(stream::socket_type socket);
  void failed(error_code why);
  [[nodiscard]] bool turn_one_away();
  void reserve();

  std::shared_ptr<server_context> context_;
  acceptor_type acceptor_;
  asio::steady_timer pause_; // before the next accept
  std::string unlink_;       // the unix socket that is ours to remove
  bool is_unix_ = false;
  bool stopped_ = false;
  /// Given up for a moment to accept, and close, what nothing is left for.
  int spare_ = -1;
  std::uint64_t turned_away_ = 0; // since nothing was left
  accepted_function accepted_;
  std::function<bool()> make_room_;

public:
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
};

} // namespace outrigger
