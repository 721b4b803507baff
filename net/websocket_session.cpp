#include "net/websocket_session.hpp"

#include <array>
#include <chrono>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket.hpp>

#include "net/compression.hpp"
#include "net/end_code.hpp"
#include "net/fragment_limit.hpp"
#include "net/inbound_message.hpp"
#include "net/liveness.hpp"
#include "net/outbox.hpp"
#include "net/peer_watch.hpp"
#include "net/raw_close.hpp"
#include "net/request_log.hpp"
#include "net/socket_record.hpp"
#include "protocol/limits.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;
namespace websocket = beast::websocket;
using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// How long a peer may take to answer our close frame; one we shed, far less.
constexpr auto close_timeout = 2s;
constexpr auto shed_timeout = 50ms;

/// What is read at a time: no more than has come is allocated, whatever size a
/// frame announces.
constexpr std::size_t read_size = 64 * 1024;

/// The same while it is not known how much more there is.
constexpr std::size_t small_read = 1536;

/// Every member is touched on the loop only.
class websocket_session final : public session_base, public frame_sink {
public:
  websocket_session(std::shared_ptr<server_context> context, stream socket,
                    socket_plan plan, websocket_birth birth)
      : context_{std::move(context)}, ws_{std::move(socket)},
        timer_{context_->loop}, plan_{std::move(plan)}, birth_{
                                                            std::move(birth)} {
    ++context_->counted.websockets;
  }

  ~websocket_session() override {
    --context_->counted.websockets;
    context_->unknown.remove(this);
  }

  void accept(http_request upgrade, const std::string& subprotocol) {
    if (birth_.stranger)
      context_->meet(shared(), birth_.from.from);
    ws_.read_message_max(plan_.max_message);
    ws_.auto_fragment(false); // a frame is one message, sent whole
    ws_.set_option(
        websocket::stream_base::timeout{context_->limits.header_timeout,
                                        websocket::stream_base::none(), false});
    if (context_->compression)
      ws_.set_option(negotiate_compression(upgrade));
    limit_fragments(ws_.next_layer(), fragments_,
                    context_->limits.max_fragments);
    ws_.set_option(websocket::stream_base::decorator(
        [this, subprotocol](websocket::response_type& answer) {
          if (answer.count(http::field::sec_websocket_extensions) > 0)
            inbound_.expect_compressed(plan_.max_message);
          answer.set(http::field::server, "outrigger");
          if (!subprotocol.empty())
            answer.set(http::field::sec_websocket_protocol, subprotocol);
        }));
    ws_.control_callback([this](websocket::frame_type, beast::string_view) {
      life_.heard(steady::now());
    });
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
      log_warn(birth_.request_id,
               "websocket: send queue over {} bytes, closing", outbox::limit);
      return close(close_code::try_again_later, "send queue full");
    }
    write_next();
    recount();
  }

  void consume(std::size_t bytes) override {
    unconsumed_ -= std::min(bytes, unconsumed_);
    recount();
    if (!reading_ && handler_ && !closing_)
      read_next();
  }

  void close(close_code code, std::string_view reason) override {
    if (!handler_ || closing_)
      return;
    closing_ = true;
    end_code_ = static_cast<std::uint16_t>(code);
    reason_ = {static_cast<websocket::close_code>(code),
               beast::string_view{reason.data(), reason.size()}};
    outbox_.keep_control_only();
    abort_after(close_timeout);
    write_next();
    recount();
  }

  [[nodiscard]] bool is_pressed() const override {
    return context_->load.level() >= overload_level::elevated;
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

  void shed() override {
    ++context_->counted.slow_closed;
    log_warn(birth_.request_id, "websocket: overloaded, heaviest closes: {} B",
             held_bytes());
    close(close_code::try_again_later, "overloaded");
    abort_after(shed_timeout);
    share_.release(); // it goes in a moment, and is not to be chosen again
  }

  [[nodiscard]] std::size_t held_bytes() const override {
    return share_.bytes();
  }

  void access_changed() override {
    if (handler_)
      handler_->on_access_changed();
  }

private:
  std::shared_ptr<websocket_session> shared() {
    return std::static_pointer_cast<websocket_session>(shared_from_this());
  }

  void abort_after(std::chrono::milliseconds patience) {
    timer_.expires_after(patience);
    timer_.async_wait([self = shared()](error_code ec) {
      if (!ec)
        self->abort();
    });
  }

  void accepted(error_code ec) {
    if (ec)
      return fail(ec, "accept the upgrade");
    keep_latency_low(ws_.next_layer());
    life_.heard(steady::now());
    handler_ = plan_.open(std::weak_ptr<frame_sink>{shared()});
    plan_.open = nullptr;
    if (!handler_)
      return abort();
    read_next();
    watch_silence();
  }

  // -- reading ----------------------------------------------------------------

  void read_next() {
    if (unconsumed_ > 0 &&
        unconsumed_ >= context_->load.read_window(limits::read_window))
      return watch_silence(); // consume() reads on
    inbound_.clear();
    read_some();
  }

  void read_some() {
    reading_ = true;
    const auto hint = ws_.read_size_hint(small_read);
    ws_.async_read_some(inbound_.space(std::min(hint, read_size)),
                        [self = shared()](error_code ec, std::size_t size) {
                          self->reading_ = false;
                          self->inbound_.take_in(size);
                          self->read_done(ec);
                        });
  }

  void read_done(error_code ec) {
    if (ec == asio::error::message_size)
      return refuse(close_code::policy_violation);
    if (ec.category() == beast::zlib::make_error_code({}).category())
      return refuse(close_code::invalid_data);
    if (ec)
      return fail(ec, "read");
    if (!handler_)
      return;
    life_.heard(steady::now());
    if (!ws_.is_message_done()) {
      if (closing_) // only the peer's close frame is awaited
        inbound_.clear();
      recount();
      return read_some();
    }
    const auto kind = ws_.got_binary() ? frame_kind::binary : frame_kind::text;
    // Beast does not look again when the last fragment is empty.
    if (kind == frame_kind::text && !closing_ && !utf8::valid(inbound_.bytes()))
      return close(close_code::invalid_data, "text that is not UTF-8");
    if (!closing_) {
      ++context_->counted.messages_in;
      context_->counted.bytes_in += inbound_.size();
      unconsumed_ += inbound_.size();
      handler_->on_frame(kind, inbound_.take());
      recount();
    }
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

  /// For what Beast gives up on without a word to the peer.
  void refuse(close_code why) {
    if (writing_ || closing_)
      return abort(); // it would end up in the middle of another frame
    closing_ = writing_ = true;
    end_code_ = static_cast<std::uint16_t>(why);
    abort_after(close_timeout);
    write_raw_close(ws_.next_layer(), why, shared());
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
    if (life_.write_began(steady::now()))
      watch_silence();
    out_ = std::move(*next);
    ++context_->counted.messages_out;
    context_->counted.bytes_out += out_.size();
    sent_bytes_ += out_.size();
    ws_.binary(out_.kind == frame_kind::binary);
    const std::string_view body = out_.body ? *out_.body : std::string_view{};
    const std::array<asio::const_buffer, 2> buffers{
        asio::buffer(out_.head), asio::buffer(body.data(), body.size())};
    ws_.async_write(buffers, [self = shared()](error_code ec, std::size_t) {
      self->writing_ = false;
      self->life_.write_done();
      self->out_ = {};
      self->recount();
      if (ec)
        return self->fail(ec, "write");
      self->write_next();
    });
    // The handler fetches the next slice while this one is on its way.
    if (is_told(out_))
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

  /// Pings a silent peer and ends the connection of a dead one.
  void watch_silence() {
    if (closing_)
      return; // the timer has another task
    timer_.expires_after(life_.plan_look(steady::now(), reading_));
    timer_.async_wait([self = shared()](error_code ec) {
      if (!ec && self->handler_ && !self->closing_)
        self->check_silence();
    });
  }

  void check_silence() {
    const auto now = steady::now();
    if (!reading_ && hung_up(ws_.next_layer()))
      return abort();
    if (is_gone(ws_.next_layer(), life_, reading_, now)) {
      log_info(birth_.request_id, "websocket: no sign of life, closing");
      return abort();
    }
    if (!pinging_ && life_.ping_due(now)) {
      pinging_ = true;
      life_.pinged(now);
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
    end_code_ = closing_ ? end_code_ : end_code(ec, ws_.reason().code);
    if (ec != websocket::error::closed && ec != asio::error::operation_aborted)
      log_debug(birth_.request_id, "websocket: {}: {}", what, ec.message());
    abort();
  }

  void ended() {
    timer_.cancel();
    context_->unknown.remove(this);
    auto handler = std::move(handler_);
    if (!handler)
      return;
    count_end(*context_, birth_,
              {end_code_, sent_bytes_, steady::now() - began_});
    handler->on_closed();
    share_.release();
  }

  /// Tells the guard what this connection holds by now.
  void recount() {
    share_.set(unconsumed_ + inbound_.size(), outbox_.bytes() + out_.size());
  }

  std::shared_ptr<server_context> context_;
  websocket::stream<stream, true> ws_;
  fragment_meter fragments_;
  asio::steady_timer timer_;
  socket_plan plan_;
  websocket_birth birth_;
  steady::time_point began_ = steady::now();
  std::unique_ptr<frame_handler> handler_; // null before accept, after the end
  inbound_message inbound_;
  outbox outbox_;
  frame out_; // being written
  websocket::close_reason reason_;
  std::uint64_t sent_bytes_ = 0;
  load_share share_{context_->load};
  std::uint16_t end_code_ = no_close_frame;
  std::size_t unconsumed_ = 0; // given to the handler, not yet consumed
  liveness life_{context_->limits};
  bool reading_ = false;
  bool writing_ = false;
  bool pinging_ = false;
  bool closing_ = false;
  bool close_sent_ = false;
};

} // namespace

std::shared_ptr<session_base>
accept_websocket(std::shared_ptr<server_context> context, stream socket,
                 http_request upgrade, const std::string& subprotocol,
                 socket_plan plan, websocket_birth birth) {
  auto session = std::make_shared<websocket_session>(
      std::move(context), std::move(socket), std::move(plan), std::move(birth));
  session->accept(std::move(upgrade), subprotocol);
  return session;
}

} // namespace outrigger
