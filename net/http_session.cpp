#include "net/http_session.hpp"

#include <optional>
#include <utility>

#include "net/console.hpp"
#include "net/deadline.hpp"
#include "net/guarded_socket.hpp"
#include "net/handshake.hpp"
#include "net/http_answer.hpp"
#include "net/peer_watch.hpp"
#include "net/request_log.hpp"
#include "net/request_reader.hpp"
#include "net/ticket_desk.hpp"
#include "net/websocket_session.hpp"
#include "protocol/access_line.hpp"
#include "protocol/limits.hpp"
#include "protocol/request_head.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;
using namespace std::chrono_literals;

std::string_view to_view(beast::string_view s) {
  return {s.data(), s.size()};
}

/// A body or an answer as a whole may take so many times what it may pause.
constexpr int longest_whole = 10;

/// How long a peer may take to end a connection after our last answer.
constexpr auto linger_time = 2s;

bool takes_json(const http_request& request) {
  return request.method() == http::verb::post ||
         request.method() == http::verb::put ||
         request.method() == http::verb::patch;
}

/// Every member is touched on the loop only.
class http_session final : public session_base, private request_listener {
public:
  http_session(std::shared_ptr<server_context> context, stream socket,
               peer from, session_function upgraded)
      : context_{std::move(context)}, stream_{std::move(socket)},
        from_{std::move(from)}, upgraded_{std::move(upgraded)},
        reader_{context_->limits, *this}, deadline_{context_->loop} {
    ++context_->counted.http_connections;
  }

  ~http_session() {
    --context_->counted.http_connections;
    context_->unknown.remove(this);
  }

  void start() {
    deadline_.on_passed(weak_from_this(), [this] { abort(); });
    keep_unsent_small(*stream_);
    stream_->watch_writes([this] { answer_grew(); });
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
    context_->unknown.remove(this);
    if (stream_)
      stream_->close();
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
    began_ = std::chrono::steady_clock::now();
    deadline_.set(context_->limits.header_timeout);
  }

  void head_read(const outcome& read) override {
    idle_ = false;
    if (read.failure)
      return fail(read.failure, "read");
    ++requests_;
    request_id_ = fmt::format("{:012x}", ++context_->last_request);
    admitted_.reset();
    cors_origin_.clear();
    request_ = {};
    if (read.refusal) {
      count_denied(denial::malformed);
      return refuse(*read.refusal);
    }
    cors_origin_ = listed_origin(reader_.head().base(), context_->access);
    auto admitted =
        admit(reader_.head().base(), from_, *context_, moment::now());
    if (!admitted)
      return refuse(admitted.error());
    admitted_ = std::move(*admitted);
    if (admitted_->who.authenticated)
      context_->unknown.remove(this);
    if (reader_.is_whole())
      return run();
    body_began_ = std::chrono::steady_clock::now();
    deadline_.set(context_->limits.body_timeout);
    if (reader_.head().count(http::field::expect) > 0)
      write_continue(*stream_, [self = shared()](error_code ec) {
        if (ec)
          return self->fail(ec, "write 100");
        self->reader_.read_body(*self->stream_, self);
      });
    else
      reader_.read_body(*stream_, shared());
  }

  void body_grew() override {
    renew(body_began_, context_->limits.body_timeout);
  }

  /// What comes or goes in pieces may pause for as long as its limit says, but
  /// not for ever.
  void renew(std::chrono::steady_clock::time_point began,
             std::chrono::milliseconds patience) {
    if (std::chrono::steady_clock::now() - began < longest_whole * patience)
      deadline_.set(patience);
  }

  void body_read(const outcome& read) override {
    if (read.failure)
      return fail(read.failure, "read");
    if (!read.refusal)
      return run();
    count_denied(denial::malformed);
    refuse(*read.refusal);
  }

  void discarded() override { abort(); }

  void count_denied(denial why) {
    ++context_->counted.denied[static_cast<std::size_t>(why)];
  }

  // -- running ----------------------------------------------------------------

  void run() {
    // It may have been aborted while this was on its way.
    if (!stream_ || !stream_->socket().is_open())
      return;
    deadline_.cancel(); // whoever answers has a timeout of its own
    request_ = reader_.take();
    if (admitted_->preflight)
      return answer(preflight_response());
    const auto& where = admitted_->where;
    if (where.matched->upgrade)
      return run_upgrade();
    if (takes_json(request_) && !request_.body().empty() &&
        (request_.count(http::field::content_type) != 1 ||
         !is_json_type(to_view(request_[http::field::content_type]))))
      return answer_error(
          {errc::media_type, "Content-Type: application/json is required"});
    switch (where.matched->id) {
    case route_id::console:
      return answer(serve_asset(where.canonical,
                                to_view(request_[http::field::accept_encoding]),
                                to_view(request_[http::field::if_none_match])));
    case route_id::terminals_create:
      if (context_->load.level() >= overload_level::high) {
        count_denied(denial::overload);
        return answer_error(
            {errc::unavailable, "overloaded: no new terminals for now", 2s});
      }
      break;
    default:
      break;
    }
    run_call();
  }

  void run_call() {
    rest_call call{admitted_->where.matched, admitted_->where.id,
                   std::move(admitted_->target), std::move(request_.body()),
                   admitted_->who};
    if (call.matched->id == route_id::ticket)
      return answer_result(
          issue_ticket(call, context_->tickets, moment::now()));
    context_->behind->rest(std::move(call),
                           [self = shared()](result<rest_answer> done) {
                             self->answer_result(std::move(done));
                           });
  }

  void run_upgrade() {
    if (auto ok = check_handshake(request_, admitted_->where.canonical); !ok)
      return answer_error(ok.error());
    if (reader_.bytes_behind() > 0) // could not be told from the next request
      return refuse({errc::malformed, "data before the upgrade was answered"});
    socket_call call{admitted_->target,
                     admitted_->where.oblien,
                     request_.count(http::field::authorization) > 0,
                     request_.count("X-API-Key") > 0 ||
                         request_.count("X-VM-Name") > 0 ||
                         request_.count("X-Container-Name") > 0,
                     admitted_->who,
                     check_credential(context_, from_)};
    context_->behind->socket(std::move(call),
                             [self = shared()](result<socket_plan> plan) {
                               if (!plan)
                                 return self->refuse_upgrade(plan.error());
                               self->upgrade(std::move(*plan));
                             });
  }

  /// Who gets no socket of this kind, if that is why.
  void refuse_upgrade(const error& err) {
    if (err.code == errc::unauthorized)
      count_denied(denial::missing);
    if (err.code == errc::forbidden)
      count_denied(denial::scope);
    answer_error(err);
  }

  /// Hands the connection over; this session then ends.
  void upgrade(socket_plan plan) {
    if (!stream_ || stopping_)
      return abort();
    log(101, 0);
    guard_socket(*context_, from_, admitted_->who, plan);
    websocket_birth birth{from_, std::move(request_id_),
                          admitted_->where.canonical, admitted_->who.name,
                          !admitted_->who.authenticated};
    const auto offers = to_view(request_[http::field::sec_websocket_protocol]);
    std::string subprotocol{first_subprotocol(offers)};
    // The socket takes its place among strangers, if it is one: from here on
    // this session has nothing left that could be ended.
    context_->unknown.remove(this);
    stream_->watch_writes(nullptr);
    auto socket = std::move(*stream_);
    stream_.reset();
    upgraded_(accept_websocket(context_, std::move(socket), std::move(request_),
                               subprotocol, std::move(plan), std::move(birth)));
  }

  // -- answering --------------------------------------------------------------

  /// For a request that is not to be run: the connection goes on only when the
  /// request was sound and nothing more of it is to come.
  void refuse(const error& err) {
    const bool sound = err.code == errc::unauthorized ||
                       err.code == errc::not_found || err.code == errc::method;
    if (!sound || !reader_.is_whole())
      keep_alive_ = false;
    if (request_.target().empty())
      request_ = reader_.take();
    answer_error(err);
  }

  void answer_result(result<rest_answer> done) {
    if (done)
      answer(to_response(std::move(*done)));
    else
      answer_error(done.error());
  }

  void answer_error(const error& err) { answer(to_response(err, request_id_)); }

  template <class Response>
  void answer(Response response) {
    if (!stream_)
      return;
    const bool last = stopping_ || !keep_alive_ || !request_.keep_alive() ||
                      requests_ >= context_->limits.max_requests;
    finish_head(response.base(), request_id_, cors_origin_);
    response.keep_alive(!last);
    response.prepare_payload();
    if (has_no_body(response.result()))
      response.erase(http::field::content_length);
    log(response.result_int(), response.body().size());
    answer_began_ = std::chrono::steady_clock::now();
    deadline_.set(context_->limits.write_timeout);
    write_answer(*stream_, std::move(response),
                 request_.method() == http::verb::head,
                 [self = shared(), last](error_code ec) {
                   if (ec)
                     return self->fail(ec, "write");
                   self->answered(last);
                 });
  }

  void answer_grew() {
    if (answer_began_)
      renew(*answer_began_, context_->limits.write_timeout);
  }

  void answered(bool last) {
    answer_began_.reset();
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
      log_debug(request_id_, "http: {}: {}", what, ec.message());
    abort();
  }

  /// Counts the request, and logs it where requests are logged: without its
  /// query, and whatever it carried.
  void log(unsigned status, std::size_t size) {
    const auto* row = admitted_ ? admitted_->where.matched : nullptr;
    const auto took = std::chrono::steady_clock::now() - began_;
    ++context_->counted.answers[{row, status}];
    context_->counted.durations[row].observe(took);
    if (!context_->log_access)
      return;
    access_line line;
    line.request_id = request_id_;
    line.method = to_view(request_.method_string());
    if (row)
      line.path = admitted_->where.canonical;
    line.status = status;
    line.bytes = size;
    line.duration = took;
    line.remote = from_.from.text;
    if (admitted_)
      line.who = admitted_->who.name;
    context_->log_access(line);
  }

  std::shared_ptr<server_context> context_;
  std::optional<stream> stream_; // empty once upgraded
  peer from_;
  session_function upgraded_;
  request_reader reader_;
  deadline deadline_;
  http_request request_;
  std::optional<admission> admitted_;
  std::string cors_origin_; // may read the answer
  std::string request_id_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point body_began_;
  std::optional<std::chrono::steady_clock::time_point> answer_began_;
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
