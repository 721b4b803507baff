#include "net/http_session.hpp"

#include <optional>
#include <stop_token>
#include <utility>

#include "net/answer_sender.hpp"
#include "net/client_watch.hpp"
#include "net/deadline.hpp"
#include "net/guarded_socket.hpp"
#include "net/handshake.hpp"
#include "net/http_answer.hpp"
#include "net/http_exchange.hpp"
#include "net/http_writer.hpp"
#include "net/request_log.hpp"
#include "net/request_reader.hpp"
#include "net/ticket_desk.hpp"
#include "net/upload.hpp"
#include "protocol/limits.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;
using namespace std::chrono_literals;

/// A body that is kept in memory may take so many times what it may pause.
constexpr int longest_whole = 10;

/// How long a peer may take to end a connection after our last answer.
constexpr auto linger_time = 2s;

/// Every member is touched on the loop only.
class http_session final : public session_base,
                           private request_listener,
                           private upload_listener {
public:
  http_session(std::shared_ptr<server_context> context, stream socket,
               peer from, session_function upgraded)
      : context_{std::move(context)}, stream_{std::move(socket)},
        from_{std::move(from)}, upgraded_{std::move(upgraded)},
        reader_{context_->limits, *this}, deadline_{context_->loop},
        answers_{*context_, deadline_}, client_{context_->loop, *stream_} {
    ++context_->counted.http_connections;
  }

  ~http_session() {
    --context_->counted.http_connections;
    context_->unknown.remove(this);
  }

  void start() {
    deadline_.on_passed(weak_from_this(), [this] { abort(); });
    client_.on_gone(weak_from_this(), [this] { abort(); });
    keep_unsent_small(*stream_);
    stream_->watch_writes([this](std::size_t size) { answers_.grew(size); });
    deadline_.set(context_->limits.header_timeout);
    if (!from_.tls) // a turn less until it is known who comes
      return read_next(context_->limits.header_timeout);
    stream_->async_handshake([self = shared()](error_code ec) {
      if (ec)
        return self->fail(ec, "TLS handshake");
      self->read_next(self->context_->limits.header_timeout);
    });
  }

  void shut_down() override {
    stopping_ = true;
    if (idle_)
      abort();
  }

  void abort() override {
    stopping_ = true;
    deadline_.cancel();
    client_.stop();
    gone_.request_stop();
    context_->unknown.remove(this);
    if (stream_)
      stream_->close();
    answers_.abandon();
    if (const auto coming = upload_.lock())
      coming->abandon();
  }

private:
  std::shared_ptr<http_session> shared() {
    return std::static_pointer_cast<http_session>(shared_from_this());
  }

  // -- reading ----------------------------------------------------------------

  void read_next(std::chrono::milliseconds patience) {
    idle_ = true;
    deadline_.set(patience);
    reader_.read_head(*stream_, shared());
  }

  void request_began() override {
    idle_ = false;
    exchange_.began = std::chrono::steady_clock::now();
    deadline_.set(context_->limits.header_timeout);
  }

  void head_read(const outcome& read) override {
    idle_ = false;
    if (read.failure)
      return fail(read.failure, "read");
    ++requests_;
    exchange_ = {fmt::format("{:012x}", ++context_->last_request),
                 exchange_.began};
    if (read.refusal)
      return refuse_malformed(*read.refusal);
    const auto& head = reader_.head().base();
    exchange_.cors_origin = listed_origin(head, context_->access);
    auto admitted = admit(head, from_, *context_, moment::now());
    if (!admitted)
      return refuse(admitted.error());
    exchange_.admitted = std::move(*admitted);
    if (exchange_.admitted->who.authenticated)
      context_->unknown.remove(this);
    const auto most = exchange_.streams() ? context_->limits.max_upload
                                          : context_->limits.max_body;
    if (auto ok = reader_.limit_body(most); !ok)
      return refuse_malformed(ok.error());
    if (exchange_.streams())
      return run_upload();
    if (reader_.is_whole())
      return run();
    body_began_ = std::chrono::steady_clock::now();
    deadline_.set(context_->limits.body_timeout);
    invite_body([this] { reader_.read_body(*stream_, shared()); });
  }

  /// Tells a client that waits for it to send the body.
  void invite_body(std::function<void()> then) {
    if (reader_.is_whole() || reader_.head().count(http::field::expect) == 0)
      return then();
    write_continue(*stream_,
                   [self = shared(), then = std::move(then)](error_code ec) {
                     if (ec)
                       return self->fail(ec, "write 100");
                     then();
                   });
  }

  /// It may pause for as long as its limit says, but not for ever.
  void body_grew() override {
    const auto patience = context_->limits.body_timeout;
    if (std::chrono::steady_clock::now() - body_began_ <
        longest_whole * patience)
      deadline_.set(patience);
  }

  void body_read(const outcome& read) override {
    if (read.failure)
      return fail(read.failure, "read");
    if (read.refusal)
      return refuse_malformed(*read.refusal);
    run();
  }

  void discarded() override { abort(); }

  // -- running ----------------------------------------------------------------

  void run() {
    // It may have been aborted while this was on its way.
    if (!is_open())
      return;
    deadline_.cancel(); // whoever answers has a timeout of its own
    const auto length = reader_.content_length();
    exchange_.request = reader_.take();
    if (exchange_.admitted->preflight)
      return answer(preflight_answer());
    const auto& where = exchange_.admitted->where;
    if (where.matched->upgrade)
      return run_upgrade();
    if (auto ok = exchange_.check_type(); !ok)
      return answer_error(ok.error());
    if (where.matched->id == route_id::console)
      return answer(exchange_.to_asset());
    if (auto ok = check_load(*where.matched, *context_); !ok)
      return answer_error(ok.error());
    run_call(exchange_.to_rest_call(length));
  }

  void run_call(rest_call call) {
    if (call.matched->id == route_id::ticket)
      return answer_result(
          issue_ticket(call, context_->tickets, moment::now()));
    if (exchange_.only_looks()) {
      call.gone = gone_.get_token();
      client_.start();
    }
    context_->behind->rest(std::move(call),
                           [self = shared()](result<rest_answer> done) {
                             self->answer_result(std::move(done));
                           });
  }

  // -- bodies of any size -----------------------------------------------------

  /// The body is not read before somebody takes it.
  void run_upload() {
    deadline_.cancel();
    exchange_.request = reader_.copy_head();
    if (auto ok = check_load(*exchange_.row(), *context_); !ok)
      return upload_answered(ok.error());
    context_->behind->upload(
        exchange_.to_rest_call(reader_.content_length()),
        [self = shared()](result<std::shared_ptr<body_sink>> sink) {
          if (!sink)
            return self->upload_answered(sink.error());
          self->take_body(std::move(*sink));
        });
  }

  void take_body(std::shared_ptr<body_sink> sink) {
    if (!is_open())
      return;
    auto coming = std::make_shared<upload>(
        upload_setup{*stream_,
                     reader_,
                     deadline_,
                     {context_->limits.body_timeout, limits::least_upload},
                     *this,
                     shared()},
        std::move(sink));
    upload_ = coming;
    deadline_.set(context_->limits.write_timeout);
    invite_body([this, coming] {
      deadline_.cancel();
      coming->start();
    });
  }

  void upload_answered(result<rest_answer> done) override {
    keep_alive_ = keep_alive_ && reader_.is_whole();
    answer_result(std::move(done));
  }

  void upload_broken(const outcome& why) override { body_read(why); }

  // -- upgrades ---------------------------------------------------------------

  void run_upgrade() {
    if (auto ok = check_handshake(exchange_.request, exchange_.path()); !ok)
      return answer_error(ok.error());
    if (reader_.bytes_behind() > 0) // could not be told from the next request
      return refuse({errc::malformed, "data before the upgrade was answered"});
    context_->behind->socket(
        exchange_.to_socket_call(check_credential(context_, from_)),
        [self = shared()](result<socket_plan> plan) {
          if (!plan)
            return self->refuse_upgrade(plan.error());
          self->upgrade(std::move(*plan));
        });
  }

  void refuse_upgrade(const error& err) {
    count_refused_upgrade(err, *context_);
    answer_error(err);
  }

  /// Hands the connection over; this session then ends.
  void upgrade(socket_plan plan) {
    if (!stream_ || stopping_)
      return abort();
    exchange_.count(context_->counted, 101);
    exchange_.log(*context_, from_, 101, 0);
    // The socket takes its place among strangers, if it is one: from here on
    // this session has nothing left that could be ended.
    context_->unknown.remove(this);
    stream_->watch_writes(nullptr);
    auto socket = std::move(*stream_);
    stream_.reset();
    upgraded_(open_websocket(context_, std::move(socket), from_,
                             std::move(exchange_), std::move(plan)));
  }

  // -- answering --------------------------------------------------------------

  /// For a request that is not to be run: the connection goes on only when the
  /// request was sound and nothing more of it is to come.
  void refuse(const error& err) {
    const bool sound = err.code == errc::unauthorized ||
                       err.code == errc::not_found || err.code == errc::method;
    if (!sound || !reader_.is_whole())
      keep_alive_ = false;
    if (exchange_.request.target().empty())
      exchange_.request = reader_.take();
    answer_error(err);
  }

  void refuse_malformed(const error& err) {
    context_->count(denial::malformed);
    refuse(err);
  }

  void answer_result(result<rest_answer> done) {
    return done ? answer(to_answer(std::move(*done)))
                : answer_error(done.error());
  }

  void answer_error(const error& err) {
    answer(to_answer(err, exchange_.id, error_style_of(exchange_.path())));
  }

  void answer(http_answer out) {
    client_.stop();
    if (!is_open())
      return;
    const auto& request = exchange_.request;
    const bool chunks = request.version() >= 11;
    const bool last = stopping_ || !keep_alive_ || !request.keep_alive() ||
                      requests_ >= context_->limits.max_requests ||
                      (!chunks && !out.body_size());
    finish_head(out, {exchange_.id, exchange_.cors_origin, last, chunks});
    const auto status = out.head.result_int();
    const bool streamed = out.is_streamed(); // only its end says how much
    exchange_.count(context_->counted, status);
    if (!streamed)
      exchange_.log(*context_, from_, status, out.bytes().size());
    answers_.send(*stream_, std::move(out),
                  request.method() == http::verb::head, exchange_.id, shared(),
                  [self = shared(), last, status,
                   streamed](error_code ec, std::uint64_t sent) {
                    if (streamed)
                      self->exchange_.log(*self->context_, self->from_, status,
                                          sent);
                    if (ec)
                      return self->fail(ec, "write");
                    self->answered(last);
                  });
  }

  void answered(bool last) {
    if (!last && !stopping_)
      return read_next(context_->limits.idle_timeout);
    // Say that nothing more comes, then take in what the peer still sends, so
    // that a reset does not destroy the answer on its way.
    deadline_.set(linger_time);
    stream_->async_finish(
        [self = shared()] { self->reader_.discard(*self->stream_, self); });
  }

  // -- the rest ---------------------------------------------------------------

  void fail(error_code ec, const char* what) {
    if (ec != asio::error::operation_aborted && ec != asio::error::eof)
      log_debug(exchange_.id, "http: {}: {}", what, ec.message());
    abort();
  }

  [[nodiscard]] bool is_open() const { return stream_ && stream_->is_open(); }

  std::shared_ptr<server_context> context_;
  std::optional<stream> stream_; // empty once upgraded
  peer from_;
  session_function upgraded_;
  request_reader reader_;
  deadline deadline_;
  answer_sender answers_;
  client_watch client_;   // while a call runs that only looks
  std::stop_source gone_; // of such calls
  std::weak_ptr<upload> upload_;
  http_exchange exchange_; // the latest
  std::chrono::steady_clock::time_point body_began_;
  std::size_t requests_ = 0;
  bool idle_ = true; // no request has begun to arrive
  bool keep_alive_ = true;
  bool stopping_ = false;
};

} // namespace

std::shared_ptr<session_base>
serve_http(std::shared_ptr<server_context> context, stream socket, peer from,
           session_function upgraded) {
  auto session =
      std::make_shared<http_session>(std::move(context), std::move(socket),
                                     std::move(from), std::move(upgraded));
  session->start();
  return session;
}

} // namespace outrigger
