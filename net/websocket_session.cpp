#include "net/websocket_session.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket.hpp>
#include <spdlog/spdlog.h>

#include "net/outbox.hpp"
#include "protocol/limits.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;
namespace websocket = beast::websocket;
using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// How long a peer may take to answer our close frame.
constexpr auto close_timeout = 2s;

/// Bytes the kernel may hold for a slow client: enough for one slice in
/// flight and the next one behind it, little enough that a Ctrl-C's effect is
/// not queued behind seconds of output.
constexpr int send_buffer = 128 * 1024;
constexpr int unsent_low_water = 32 * 1024;

void keep_latency_low(stream& s) {
  // Not every option fits every kind of socket; the connection works without.
  const int fd = s.socket().native_handle();
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_low_water,
               sizeof unsent_low_water);
}

/// How often a socket that is not read is asked whether its peer has gone.
constexpr auto hang_up_check = 1s;

bool hung_up(stream& s) {
  pollfd entry{s.socket().native_handle(), POLLRDHUP, 0};
  return ::poll(&entry, 1, 0) == 1;
}

/// Every member is touched on the loop only.
class websocket_session final : public session_base, public frame_sink {
public:
  websocket_session(std::shared_ptr<server_context> context, stream socket,
                    socket_plan plan)
      : context_{std::move(context)}, ws_{std::move(socket)},
        timer_{context_->loop}, plan_{std::move(plan)} {
    ++context_->sockets;
  }

  ~websocket_session() override { --context_->sockets; }

  void accept(http_request upgrade, const std::string& subprotocol) {
    ws_.read_message_max(plan_.max_message);
    ws_.auto_fragment(false); // a frame is one message, sent whole
    ws_.set_option(websocket::stream_base::timeout{
        limits::http_header_timeout, websocket::stream_base::none(), false});
    ws_.set_option(websocket::stream_base::decorator(
        [subprotocol](websocket::response_type& answer) {
          answer.set(http::field::server, "outrigger");
          if (!subprotocol.empty())
            answer.set(http::field::sec_websocket_protocol, subprotocol);
        }));
    ws_.control_callback(
        [this](websocket::frame_type, beast::string_view) { heard(); });
    auto request = std::make_shared<http_request>(std::move(upgrade));
    ws_.async_accept(*request, [self = shared(), request](error_code ec) {
      self->accepted(ec);
    });
  }

  // -- frame_sink -------------------------------------------------------------

  void send(frame out) override {
    if (!handler_ || closing_)
      return;
    if (!outbox_.push(std::move(out))) {
      spdlog::warn("websocket: send queue over {} bytes, closing",
                   outbox::limit);
      return close(close_code::try_again_later, "send queue full");
    }
    write_next();
  }

  void consume(std::size_t bytes) override {
    unconsumed_ -= std::min(bytes, unconsumed_);
    if (!reading_ && handler_ && !closing_)
      read_next();
  }

  void close(close_code code, std::string_view reason) override {
    if (!handler_ || closing_)
      return;
    closing_ = true;
    reason_ = {static_cast<websocket::close_code>(code),
               beast::string_view{reason.data(), reason.size()}};
    outbox_.keep_control_only();
    timer_.expires_after(close_timeout);
    timer_.async_wait([self = shared()](error_code ec) {
      if (!ec)
        self->abort();
    });
    write_next();
  }

  // -- session_base -----------------------------------------------------------

  void shut_down() override {
    if (handler_)
      close(close_code::going_away, "the daemon is stopping");
    else
      abort(); // not upgraded yet
  }

  void abort() override {
    ws_.next_layer().close();
    ended();
  }

private:
  std::shared_ptr<websocket_session> shared() {
    return std::static_pointer_cast<websocket_session>(shared_from_this());
  }

  void accepted(error_code ec) {
    if (ec)
      return fail(ec, "accept the upgrade");
    keep_latency_low(ws_.next_layer());
    heard();
    handler_ = plan_.open(std::weak_ptr<frame_sink>{shared()});
    plan_.open = nullptr;
    if (!handler_)
      return abort();
    watch_silence();
    read_next();
  }

  // -- reading ----------------------------------------------------------------

  void heard() { last_heard_ = steady::now(); }

  void read_next() {
    if (unconsumed_ >= limits::read_window)
      return watch_silence(); // consume() reads on
    reading_ = true;
    in_.emplace(inbound_);
    ws_.async_read(*in_, [self = shared()](error_code ec, std::size_t) {
      self->reading_ = false;
      self->read_done(ec);
    });
  }

  void read_done(error_code ec) {
    if (ec)
      return fail(ec, "read");
    if (!handler_)
      return;
    heard();
    const auto kind = ws_.got_binary() ? frame_kind::binary : frame_kind::text;
    unconsumed_ += inbound_.size();
    if (!closing_)
      handler_->on_frame(kind, std::exchange(inbound_, {}));
    if (!handler_ || reading_)
      return;
    // Behind the actors' turn, so that a keystroke is on its way before the
    // next read is tried. While closing too: the peer's close is awaited.
    reading_ = true;
    asio::post(ws_.get_executor(), [self = shared()] {
      self->reading_ = false;
      if (self->handler_)
        self->read_next();
    });
  }

  // -- writing ----------------------------------------------------------------

  void write_next() {
    if (writing_ || !handler_)
      return;
    auto next = outbox_.pop();
    if (!next) {
      if (closing_)
        write_close();
      return;
    }
    writing_ = true;
    out_ = std::move(*next);
    ws_.binary(out_.kind == frame_kind::binary);
    const std::string_view body = out_.body ? *out_.body : std::string_view{};
    const std::array<asio::const_buffer, 2> buffers{
        asio::buffer(out_.head), asio::buffer(body.data(), body.size())};
    ws_.async_write(buffers, [self = shared()](error_code ec, std::size_t) {
      self->writing_ = false;
      self->out_.body.reset();
      if (ec)
        return self->fail(ec, "write");
      self->write_next();
    });
    // The handler fetches the next slice while this one is on its way.
    if (out_.kind == frame_kind::binary && out_.stream != control_stream)
      handler_->on_taken(out_.stream);
  }

  void write_close() {
    if (std::exchange(close_sent_, true))
      return;
    ws_.async_close(reason_, [self = shared()](error_code) {
      // Done or not, nothing more can be said to this peer.
      self->abort();
    });
  }

  // -- silence ----------------------------------------------------------------

  /// Pings a silent peer and ends the connection of a dead one. While the
  /// socket is not read, nothing else would show that the peer has gone.
  void watch_silence() {
    if (closing_)
      return; // the timer has another task
    timer_.expires_after(reading_ ? limits::websocket_ping_interval
                                  : hang_up_check);
    timer_.async_wait([self = shared()](error_code ec) {
      if (!ec && self->handler_ && !self->closing_)
        self->check_silence();
    });
  }

  void check_silence() {
    const auto now = steady::now();
    if (!reading_ && hung_up(ws_.next_layer()))
      return abort();
    if (reading_ && now - last_heard_ >= limits::websocket_pong_timeout) {
      spdlog::info("websocket: no sign of life, closing");
      return abort();
    }
    if (!pinging_ && now - last_heard_ >= limits::websocket_ping_interval &&
        now - last_ping_ >= limits::websocket_ping_interval) {
      pinging_ = true;
      last_ping_ = now;
      ws_.async_ping({}, [self = shared()](error_code ec) {
        self->pinging_ = false;
        if (ec)
          self->fail(ec, "ping");
      });
    }
    watch_silence();
  }

  // -- the end ----------------------------------------------------------------

  void fail(error_code ec, const char* what) {
    if (ec != websocket::error::closed && ec != asio::error::operation_aborted)
      spdlog::debug("websocket: {}: {}", what, ec.message());
    abort();
  }

  void ended() {
    timer_.cancel();
    if (auto handler = std::move(handler_))
      handler->on_closed();
  }

  std::shared_ptr<server_context> context_;
  websocket::stream<stream, false> ws_;
  asio::steady_timer timer_;
  socket_plan plan_;
  std::unique_ptr<frame_handler> handler_; // null before accept, after the end
  std::string inbound_;
  // What Beast reads into: counts from the string's size when it was made.
  std::optional<asio::dynamic_string_buffer<char, std::char_traits<char>,
                                            std::allocator<char>>>
      in_;
  outbox outbox_;
  frame out_; // being written
  websocket::close_reason reason_;
  std::size_t unconsumed_ = 0; // given to the handler, not yet consumed
  steady::time_point last_heard_;
  steady::time_point last_ping_;
  bool reading_ = false;
  bool writing_ = false;
  bool pinging_ = false;
  bool closing_ = false;
  bool close_sent_ = false;
};

} // namespace

std::shared_ptr<session_base>
accept_websocket(std::shared_ptr<server_context> context, stream socket,
                 http_request upgrade, std::string subprotocol,
                 socket_plan plan) {
  auto session = std::make_shared<websocket_session>(
      std::move(context), std::move(socket), std::move(plan));
  session->accept(std::move(upgrade), subprotocol);
  return session;
}

} // namespace outrigger
