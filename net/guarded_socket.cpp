#include "net/guarded_socket.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include "protocol/auth_message.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

result<principal> judge(server_context& context, const source& from,
                        std::string_view token) {
  const auto now = moment::now();
  auto who = identify_token(context.access, token, now);
  if (!who) {
    context.offenders.failed(from, now.steady);
    context.count(denial::invalid);
  }
  return who;
}

/// How often the wall clock is looked at: it may jump.
constexpr auto clock_check = 30s;

/// Wrong tokens a socket may show for a fresh one.
constexpr int wrong_refreshes = 5;

class guarded final : public frame_handler {
public:
  guarded(server_context& context, source from, principal who,
          std::weak_ptr<frame_sink> sink, std::unique_ptr<frame_handler> inner,
          std::chrono::milliseconds grace)
      : context_{context}, from_{std::move(from)}, who_{std::move(who)},
        opened_with_{who_.scopes}, sink_{std::move(sink)},
        inner_{std::move(inner)}, grace_{grace}, timer_{context.loop} {
    look_after(0s); // until the socket has this handler nothing can be said
  }

  void on_frame(frame_kind kind, std::string bytes) override {
    if (kind == frame_kind::text && may_be_auth_message(bytes)) {
      const auto message = parse_auth_message(bytes);
      if (!message || *message) {
        if (auto out = sink_.lock())
          out->consume(bytes.size());
        return message ? refresh((*message)->token) : refuse(message.error());
      }
    }
    inner_->on_frame(kind, std::move(bytes));
  }

  void on_taken(stream_id stream) override { inner_->on_taken(stream); }

  void on_access_changed() override {
    if (is_revoked())
      return close("the credential was revoked");
    inner_->on_access_changed();
  }

  void on_closed() override {
    timer_.cancel();
    inner_->on_closed();
  }

private:
  [[nodiscard]] bool is_revoked() const {
    // What has expired is in its grace; revoked is another thing.
    auto then = moment::now();
    if (who_.expires_at)
      then.unix_seconds = std::min(then.unix_seconds, *who_.expires_at - 1);
    return !still_valid(context_.access, who_, then);
  }

  void look() {
    if (is_revoked()) // maybe before the socket was open
      return close("the credential was revoked");
    if (!who_.expires_at)
      return;
    const auto now = moment::now();
    // Seconds, which do not overflow: it may be the end of time.
    const std::chrono::seconds left{*who_.expires_at - now.unix_seconds};
    if (left > 0s) {
      expired_.reset();
      return look_after(std::min<std::chrono::seconds>(left, clock_check));
    }
    if (!expired_) {
      expired_ = now.steady;
      send(auth_expiring_to_json(*who_.expires_at));
    }
    const auto grace = *expired_ + grace_ - now.steady;
    if (grace <= 0s)
      return close("the credential has expired");
    look_after(
        std::min<std::chrono::steady_clock::duration>(grace, clock_check));
  }

  void look_after(std::chrono::steady_clock::duration wait) {
    timer_.expires_after(wait);
    // The timer goes with this object, and its callback with the timer.
    timer_.async_wait([this, alive = std::weak_ptr{alive_}](error_code ec) {
      if (!ec && !alive.expired())
        look();
    });
  }

  void refresh(std::string_view token) {
    auto fresh = judge(context_, from_, token);
    if (!fresh)
      return refuse(fresh.error());
    if (!fresh->scopes.covers(opened_with_))
      return refuse({errc::forbidden,
                     "the new token does not allow all that the old one did"});
    spdlog::debug("websocket: credential renewed, {}", fresh->name);
    who_ = std::move(*fresh);
    expired_.reset();
    timer_.cancel();
    send(auth_refreshed_to_json(who_.expires_at));
    look();
  }

  void refuse(const error& why) {
    send(auth_error_to_json(why));
    if (++refused_ >= wrong_refreshes)
      if (auto out = sink_.lock())
        out->close(close_code::policy_violation, "too many wrong tokens");
  }

  void send(std::string json) {
    if (auto out = sink_.lock())
      out->send({frame_kind::text, control_stream, std::move(json), nullptr});
  }

  void close(std::string_view why) {
    if (auto out = sink_.lock())
      out->close(close_code::unauthorized, why);
  }

  server_context& context_;
  source from_;
  principal who_;
  scope_set opened_with_; // what the dialect behind lets it do
  std::weak_ptr<frame_sink> sink_;
  std::unique_ptr<frame_handler> inner_;
  std::chrono::milliseconds grace_;
  asio::steady_timer timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  /// When the expiry was noticed: the grace goes by the steady clock.
  std::optional<std::chrono::steady_clock::time_point> expired_;
  int refused_ = 0;
};

} // namespace

credential_check
check_credential(const std::shared_ptr<server_context>& context,
                 const peer& from) {
  return [weak = std::weak_ptr{context},
          from = from.from](std::string_view token) -> result<principal> {
    if (const auto alive = weak.lock())
      return judge(*alive, from, token);
    return error{errc::unavailable, "the daemon is stopping"};
  };
}

void guard_socket(server_context& context, const peer& from,
                  const principal& who, socket_plan& plan,
                  std::chrono::milliseconds grace) {
  if (!who.by_credential || who.credential == "local")
    return;
  plan.open =
      [&context, from = from.from, who, open = std::move(plan.open), grace](
          std::weak_ptr<frame_sink> sink) -> std::unique_ptr<frame_handler> {
    auto inner = open(sink);
    if (!inner)
      return nullptr;
    return std::make_unique<guarded>(context, from, who, std::move(sink),
                                     std::move(inner), grace);
  };
}

} // namespace outrigger
