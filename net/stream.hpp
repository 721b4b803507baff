// The byte stream below HTTP and WebSocket: TCP or a unix socket, with or
// without TLS, as one type, so that Beast's templates are compiled once.
//
// One object is one accepted connection; it lives in the session that serves
// it and moves from the HTTP session to the WebSocket session at the upgrade.

#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace outrigger {

namespace asio = boost::asio;
namespace beast = boost::beast;
using beast::error_code;

class stream {
public:
  using executor_type = asio::io_context::executor_type;
  using socket_type =
      asio::basic_stream_socket<asio::generic::stream_protocol, executor_type>;
  using tls_type = asio::ssl::stream<socket_type&>;

  explicit stream(socket_type socket)
      : socket_{std::make_unique<socket_type>(std::move(socket))} {}
  stream(socket_type socket, std::shared_ptr<asio::ssl::context> tls)
      : stream{std::move(socket)} {
    context_ = std::move(tls);
    tls_ = std::make_unique<tls_type>(*socket_, *context_);
  }

  executor_type get_executor() { return socket_->get_executor(); }
  socket_type& socket() { return *socket_; }
  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }

  /// Of a stream with TLS.
  template <class Handler>
  void async_handshake(Handler handler) {
    tls_->async_handshake(asio::ssl::stream_base::server, std::move(handler));
  }

  /// Says that nothing more comes from us. With TLS `handler` may wait for the
  /// peer to say the same.
  template <class Handler>
  void async_finish(Handler handler) {
    auto finished = [this, h = std::move(handler)](error_code) mutable {
      error_code ignored; // whatever became of it, nobody is left to be told
      socket_->shutdown(socket_type::shutdown_send, ignored);
      h();
    };
    if (tls_)
      tls_->async_shutdown(std::move(finished));
    else
      finished(error_code{});
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& to) {
          auto watched = [this, to, h = std::move(handler)](
                             error_code ec, std::size_t size) mutable {
            if (watch_ && !ec)
              ec = show(to, size);
            h(ec, size);
          };
          if (tls_)
            tls_->async_read_some(to, std::move(watched));
          else
            socket_->async_read_some(to, std::move(watched));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          auto watched = [this, h = std::move(handler)](
                             error_code ec, std::size_t size) mutable {
            if (grew_ && size > 0)
              grew_(size);
            h(ec, size);
          };
          if (tls_)
            tls_->async_write_some(from, std::move(watched));
          else
            socket_->async_write_some(from, std::move(watched));
        },
        token, buffers);
  }

  /// From now on every byte read is shown to `watch`, whose error, if any, is
  /// what the read came to.
  void watch_reads(std::function<error_code(std::string_view)> watch) {
    watch_ = std::move(watch);
  }

  /// From now on told whenever the kernel took so many bytes of what is
  /// written, which it does as the peer takes them: see keep_unsent_small().
  /// Null: nobody is.
  void watch_writes(std::function<void(std::size_t)> grew) {
    grew_ = std::move(grew);
  }

  /// Another thread works with the socket's descriptor. Until it is taken back
  /// nothing else may be under way, and close() leaves its number taken, so
  /// that nobody else's file or connection gets it.
  void lend() { lent_ = true; }
  void take_back() {
    lent_ = false;
    if (closed_)
      close();
  }

  void close() {
    closed_ = true;
    error_code ignored; // nothing to be done about it
    if (lent_)
      socket_->shutdown(socket_type::shutdown_both, ignored);
    else
      socket_->close(ignored);
  }

  /// Closes it so that what has been sent does not look like all there was.
  void reset() {
    error_code ignored;
    socket_->set_option(asio::socket_base::linger{true, 0}, ignored);
    close();
  }

  [[nodiscard]] bool is_open() const { return !closed_ && socket_->is_open(); }

private:
  template <class Buffers>
  error_code show(const Buffers& buffers, std::size_t size) {
    error_code ec;
    for (auto it = asio::buffer_sequence_begin(buffers);
         size > 0 && !ec && it != asio::buffer_sequence_end(buffers); ++it) {
      const asio::const_buffer piece{*it};
      const auto used = std::min(size, piece.size());
      ec = watch_({static_cast<const char*>(piece.data()), used});
      size -= used;
    }
    return ec;
  }

  // The socket's address is what TLS refers to, so it must not move.
  std::unique_ptr<socket_type> socket_;
  std::shared_ptr<asio::ssl::context> context_; // outlives a reload
  std::unique_ptr<tls_type> tls_;
  std::function<error_code(std::string_view)> watch_;
  std::function<void(std::size_t)> grew_;
  bool lent_ = false;
  bool closed_ = false;
};

// What Beast asks of a stream at the end of a WebSocket connection.

inline void beast_close_socket(stream& s) {
  s.close();
}

inline void teardown(beast::role_type, stream& s, error_code& ec) {
  s.socket().shutdown(stream::socket_type::shutdown_both, ec);
}

template <class Handler>
void async_teardown(beast::role_type, stream& s, Handler&& handler) {
  error_code ec;
  s.socket().shutdown(stream::socket_type::shutdown_both, ec);
  asio::post(s.get_executor(),
             beast::bind_handler(std::forward<Handler>(handler), ec));
}

} // namespace outrigger
