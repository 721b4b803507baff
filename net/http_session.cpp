#include "net/http_session.hpp"

#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <spdlog/spdlog.h>

#include "net/console.hpp"
#include "net/http_writer.hpp"
#include "net/websocket_session.hpp"
#include "protocol/error_body.hpp"
#include "protocol/limits.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;
using namespace std::chrono_literals;

std::string_view to_view(beast::string_view s) {
  return {s.data(), s.size()};
}

/// The only one there is: RFC 6455.
constexpr const char* websocket_version = "13";
constexpr std::size_t websocket_key_size = 24; // 16 bytes in base64

/// What Beast would refuse too, but not in our words.
result<void> check_handshake(const http_request& upgrade) {
  if (upgrade[http::field::sec_websocket_version] != websocket_version)
    return error{errc::upgrade, "Sec-WebSocket-Version: 13 is required"};
  const auto key = to_view(upgrade[http::field::sec_websocket_key]);
  if (upgrade.count(http::field::sec_websocket_key) != 1 ||
      key.size() != websocket_key_size)
    return error{errc::malformed,
                 "Sec-WebSocket-Key: 24 characters of base64 are required"};
  return {};
}

/// Every member is touched on the loop only.
class http_session final : public session_base {
public:
  http_session(std::shared_ptr<server_context> context, stream socket,
               peer from,
               std::function<void(std::shared_ptr<session_base>)> upgraded)
      : context_{std::move(context)}, stream_{std::move(socket)},
        from_{std::move(from)}, upgraded_{std::move(upgraded)},
        timer_{context_->loop} {}

  void start() {
    deadline(limits::http_header_timeout);
    stream_->async_handshake([self = shared()](error_code ec) {
      if (ec)
        return self->fail(ec, "TLS handshake");
      self->read_header(limits::http_header_timeout);
    });
  }

  void shut_down() override {
    stopping_ = true;
    if (idle_)
      abort();
  }

  void abort() override {
    timer_.cancel();
    if (stream_)
      stream_->close();
  }

private:
  using parser_type = http::request_parser<http::string_body>;

  std::shared_ptr<http_session> shared() {
    return std::static_pointer_cast<http_session>(shared_from_this());
  }

  // -- reading ----------------------------------------------------------------

  void read_header(std::chrono::seconds patience) {
    parser_.emplace();
    parser_->header_limit(limits::max_http_header);
    parser_->body_limit(limits::max_http_body);
    idle_ = true;
    deadline(patience);
    http::async_read_header(*stream_, buffer_, *parser_,
                            [self = shared()](error_code ec, std::size_t) {
                              self->idle_ = false;
                              self->header_read(ec);
                            });
  }

  void header_read(error_code ec) {
    if (ec == http::error::end_of_stream || ec == asio::error::eof)
      return abort(); // the peer is done
    ++requests_;
    request_id_ = next_request_id();
    began_ = std::chrono::steady_clock::now();
    admitted_.reset();
    if (ec)
      return bad_request(ec);
    auto admitted = admit(parser_->get().base(), from_, context_->access);
    if (!admitted)
      return refuse(admitted.error());
    admitted_ = std::move(*admitted);
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue"))
      return send_continue();
    read_body();
  }

  void send_continue() {
    write_continue(*stream_, [self = shared()](error_code ec) {
      if (ec)
        return self->fail(ec, "write 100");
      self->read_body();
    });
  }

  void read_body() {
    deadline(limits::http_body_timeout);
    http::async_read(*stream_, buffer_, *parser_,
                     [self = shared()](error_code ec, std::size_t) {
                       if (ec)
                         return self->bad_request(ec);
                       self->request_ = self->parser_->release();
                       self->run();
                     });
  }

  /// A request that is not HTTP, too large, or broke off: answered when it
  /// can be, and the connection ends either way.
  void bad_request(error_code ec) {
    if (ec == asio::error::operation_aborted || !stream_)
      return;
    if (ec == http::error::header_limit)
      return refuse({errc::too_large, "request header over 8 KiB"});
    if (ec == http::error::body_limit)
      return refuse({errc::too_large, "request body over 1 MiB"});
    if (ec.category() ==
            http::make_error_code(http::error::bad_method).category() &&
        ec != http::error::partial_message)
      return refuse({errc::malformed, "bad request: " + ec.message()});
    fail(ec, "read");
  }

  // -- running ----------------------------------------------------------------

  void run() {
    timer_.cancel();
    const auto& where = admitted_->where;
    const bool upgrade = beast::websocket::is_upgrade(request_);
    if (where.matched->upgrade) {
      if (!upgrade)
        return answer_error(
            {errc::malformed,
             "a WebSocket upgrade is required: " + where.canonical});
      if (auto ok = check_handshake(request_); !ok)
        return answer_error(ok.error());
      if (buffer_.size() > 0) { // it could not be told from the next request
        keep_alive_ = false;
        return answer_error({errc::malformed, "data before the upgrade was "
                                              "answered"});
      }
      return open_socket();
    }
    if (where.matched->id == route_id::console)
      return answer_asset();
    rest_call call{where.matched, where.id, std::move(admitted_->target),
                   std::move(request_.body()), std::move(admitted_->who)};
    context_->behind->rest(
        std::move(call), [self = shared()](result<rest_answer> answer) {
          if (answer)
            self->answer_json(answer->status, std::move(answer->body));
          else
            self->answer_error(answer.error());
        });
  }

  void open_socket() {
    socket_call call{admitted_->target, admitted_->where.oblien,
                     request_.count(http::field::authorization) > 0,
                     request_.count("X-API-Key") > 0 ||
                         request_.count("X-VM-Name") > 0 ||
                         request_.count("X-Container-Name") > 0,
                     admitted_->who};
    context_->behind->socket(std::move(call),
                             [self = shared()](result<socket_plan> plan) {
                               if (!plan)
                                 return self->answer_error(plan.error());
                               self->upgrade(std::move(*plan));
                             });
  }

  /// Hands the connection over; this session then ends.
  void upgrade(socket_plan plan) {
    if (!stream_ || stopping_)
      return abort();
    log(101);
    const auto offers = to_view(request_[http::field::sec_websocket_protocol]);
    std::string subprotocol{first_subprotocol(offers)};
    auto session =
        accept_websocket(context_, std::move(*stream_), std::move(request_),
                         std::move(subprotocol), std::move(plan));
    stream_.reset();
    upgraded_(std::move(session));
  }

  // -- answering --------------------------------------------------------------

  void refuse(const error& err) {
    // The rest of the request was not read, so nothing can follow it.
    keep_alive_ = false;
    request_ = {};
    request_.base() = std::move(parser_->get().base());
    answer_error(err);
  }

  void answer_error(const error& err) {
    answer_json(http_status(err.code), error_body(err, request_id_),
                err.code == errc::method ? err.detail : "");
  }

  void answer_json(unsigned status, std::string body, std::string allow = "") {
    json_response answer{http::int_to_status(status), 11};
    answer.set(http::field::content_type, "application/json");
    answer.set(http::field::cache_control, "no-store");
    if (status == 401)
      answer.set(http::field::www_authenticate, "Bearer");
    if (status == 426)
      answer.set(http::field::sec_websocket_version, websocket_version);
    if (!allow.empty())
      answer.set(http::field::allow, allow);
    answer.body() = std::move(body);
    write(std::move(answer));
  }

  void answer_asset() {
    auto answer = serve_asset(admitted_->where.canonical,
                              to_view(request_[http::field::accept_encoding]),
                              to_view(request_[http::field::if_none_match]));
    write(std::move(answer));
  }

  template <class Body>
  void write(http::response<Body> answer) {
    if (!stream_)
      return;
    log(answer.result_int());
    const bool last = stopping_ || !keep_alive_ || !request_.keep_alive() ||
                      requests_ >= limits::max_requests_per_connection;
    answer.set(http::field::server, "outrigger");
    answer.set("X-Content-Type-Options", "nosniff");
    answer.set("Referrer-Policy", "no-referrer");
    answer.set("X-Request-Id", request_id_);
    answer.keep_alive(!last);
    answer.prepare_payload();
    deadline(limits::write_timeout);
    write_answer(*stream_, std::move(answer),
                 request_.method() == http::verb::head,
                 [self = shared(), last](error_code ec) {
                   if (ec)
                     return self->fail(ec, "write");
                   self->answered(last);
                 });
  }

  void answered(bool last) {
    if (!last && !stopping_)
      return read_header(limits::http_idle_timeout);
    // Say that nothing more comes, then take in what the peer still sends, so
    // that a reset does not destroy the answer on its way.
    error_code ignored;
    stream_->socket().shutdown(stream::socket_type::shutdown_send, ignored);
    deadline(2s);
    linger();
  }

  void linger() {
    buffer_.consume(buffer_.size());
    stream_->async_read_some(buffer_.prepare(4096),
                             [self = shared()](error_code ec, std::size_t) {
                               if (ec)
                                 return self->abort();
                               self->linger();
                             });
  }

  // -- the rest ---------------------------------------------------------------

  void deadline(std::chrono::seconds patience) {
    timer_.expires_after(patience);
    timer_.async_wait([weak = std::weak_ptr{shared()}](error_code ec) {
      auto self = weak.lock();
      if (!ec && self)
        self->abort();
    });
  }

  void fail(error_code ec, const char* what) {
    if (ec != asio::error::operation_aborted)
      spdlog::debug("http: {}: {}", what, ec.message());
    abort();
  }

  std::string next_request_id() {
    return fmt::format("{:012x}", ++context_->last_request);
  }

  /// One line a request, on the debug level, without query.
  void log(unsigned status) const {
    const auto took = std::chrono::steady_clock::now() - began_;
    spdlog::debug(
        "http: {} {} {} {} us, id {}", to_view(request_.method_string()),
        admitted_ ? std::string_view{admitted_->where.canonical} : "-", status,
        std::chrono::duration_cast<std::chrono::microseconds>(took).count(),
        request_id_);
  }

  std::shared_ptr<server_context> context_;
  std::optional<stream> stream_; // empty once upgraded
  peer from_;
  std::function<void(std::shared_ptr<session_base>)> upgraded_;
  asio::steady_timer timer_;
  // A little over the header limit, so that the parser's own limit is what
  // refuses a large header.
  beast::flat_buffer buffer_{limits::max_http_header + 4096};
  std::optional<parser_type> parser_;
  http_request request_;
  std::optional<admission> admitted_;
  std::string request_id_;
  std::chrono::steady_clock::time_point began_;
  std::size_t requests_ = 0;
  bool idle_ = true; // no request has begun to arrive
  bool keep_alive_ = true;
  bool stopping_ = false;
};

} // namespace

std::shared_ptr<session_base>
serve_http(std::shared_ptr<server_context> context, stream socket, peer from,
           std::function<void(std::shared_ptr<session_base>)> upgraded) {
  auto session =
      std::make_shared<http_session>(std::move(context), std::move(socket),
                                     std::move(from), std::move(upgraded));
  session->start();
  return session;
}

} // namespace outrigger
