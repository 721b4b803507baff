#include "bench/bare_server.hpp"

#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace outrigger::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using namespace std::chrono_literals;
using executor = asio::io_context::executor_type;
using socket_type = asio::basic_stream_socket<asio::ip::tcp, executor>;
using stream_type = beast::basic_stream<asio::ip::tcp, executor>;
using acceptor_type = asio::basic_socket_acceptor<asio::ip::tcp, executor>;

constexpr auto patience = 30s;

class connection : public std::enable_shared_from_this<connection> {
public:
  connection(socket_type socket, const bare_answer& answer)
      : stream_{std::move(socket)}, answer_{answer} {
    stream_.socket().set_option(asio::ip::tcp::no_delay{true});
  }

  void read() {
    request_ = {};
    stream_.expires_after(patience);
    http::async_read(
        stream_, buffer_, request_,
        [self = shared_from_this()](beast::error_code ec, std::size_t) {
          if (!ec)
            self->write();
        });
  }

private:
  void write() {
    response_.emplace(http::status::ok, request_.version());
    for (const auto& [name, value] : answer_.fields)
      response_->set(name, value);
    response_->keep_alive(request_.keep_alive());
    response_->body() = answer_.body;
    response_->prepare_payload();
    http::async_write(
        stream_, *response_,
        [self = shared_from_this()](beast::error_code ec, std::size_t) {
          if (!ec && self->response_->keep_alive())
            self->read();
        });
  }

  stream_type stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::optional<http::response<http::string_body>> response_;
  const bare_answer& answer_;
};

void accept_next(acceptor_type& acceptor, const bare_answer& answer) {
  acceptor.async_accept([&](beast::error_code ec, socket_type socket) {
    if (!ec)
      std::make_shared<connection>(std::move(socket), answer)->read();
    accept_next(acceptor, answer);
  });
}

} // namespace

bare_server::bare_server(const bare_answer& answer) {
  asio::io_context loop{1};
  acceptor_type acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
  port_ = acceptor.local_endpoint().port();
  process_ = std::make_unique<child_process>([&] {
    loop.notify_fork(asio::io_context::fork_child);
    accept_next(acceptor, answer);
    loop.run();
  });
  loop.notify_fork(asio::io_context::fork_parent);
}

} // namespace outrigger::bench
