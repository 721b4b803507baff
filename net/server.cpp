#include "net/server.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include "net/http_session.hpp"
#include "net/listener.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// Ending a connection that holds less than this frees nothing worth it.
constexpr std::size_t worth_shedding = 64 * 1024;

/// Strangers that may stay, as a part of their limit, by level of load.
std::size_t room_for_strangers(overload_level level, std::size_t limit) {
  switch (level) {
  case overload_level::ok:
    return limit;
  case overload_level::elevated:
    return std::max<std::size_t>(limit / 2, 1);
  case overload_level::high:
    return std::max<std::size_t>(limit / 8, 1);
  case overload_level::critical:
    break;
  }
  return 1; // /health is answered all the same
}

} // namespace

class server::impl : public std::enable_shared_from_this<impl> {
public:
  explicit impl(std::shared_ptr<server_context> context)
      : context_{std::move(context)}, patience_{context_->loop} {}

  result<std::string> add(result<std::shared_ptr<listener>> opened) {
    if (!opened)
      return opened.error();
    listeners_.push_back(*opened);
    return (*opened)->url();
  }

  result<std::string> listen(const listen_address& address) {
    return add(listener::open(context_, address));
  }

  result<std::string> adopt(int descriptor) {
    return add(listener::adopt(context_, descriptor));
  }

  void accept() {
    context_->load.on_full([weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->close_heaviest();
    });
    for (const auto& l : listeners_)
      l->accept(
          [weak = weak_from_this()](stream::socket_type socket, peer from) {
            if (auto self = weak.lock())
              self->serve(std::move(socket), std::move(from));
          },
          [weak = weak_from_this()] {
            auto self = weak.lock();
            return self &&
                   self->drop_strangers(self->context_->unknown.size() / 2);
          });
  }

  void tick() {
    const auto level = context_->load.level();
    drop_strangers(room_for_strangers(level, context_->unknown.limit()));
    if (level == overload_level::critical &&
        context_->load.now().worst != resource::descriptors)
      close_heaviest();
    context_->counted.unauthenticated = context_->unknown.size();
  }

  void access_changed() {
    for (auto& session : alive())
      session->access_changed();
  }

  void stop(std::chrono::milliseconds patience, std::function<void()> stopped) {
    stopping_ = true;
    for (const auto& l : listeners_)
      l->stop();
    listeners_.clear();
    stopped_ = std::move(stopped);
    patience_.expires_after(patience);
    patience_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec)
        self->cut();
    });
    for (auto& session : alive())
      session->shut_down();
    wait_for_sessions();
  }

private:
  void serve(stream::socket_type socket, peer from) {
    if (stopping_)
      return;
    auto transport = from.tls ? stream{std::move(socket), context_->tls}
                              : stream{std::move(socket)};
    const auto origin = from.from;
    const bool trusted = from.trusted;
    auto session = serve_http(context_, std::move(transport), std::move(from),
                              [weak = weak_from_this()](auto upgraded) {
                                if (auto self = weak.lock())
                                  self->track(std::move(upgraded));
                              });
    track(session);
    if (!trusted)
      context_->meet(session, origin);
  }

  void track(const std::shared_ptr<session_base>& session) {
    if (stopping_)
      session->shut_down();
    // Ended sessions are swept when their number may have doubled.
    if (sessions_.size() >= sweep_at_) {
      std::erase_if(sessions_, [](const auto& s) { return s.expired(); });
      sweep_at_ = std::max<std::size_t>(64, 2 * sessions_.size());
    }
    sessions_.push_back(session);
  }

  std::vector<std::shared_ptr<session_base>> alive() const {
    std::vector<std::shared_ptr<session_base>> found;
    for (const auto& weak : sessions_)
      if (auto session = weak.lock())
        found.push_back(std::move(session));
    return found;
  }

  /// Whoever holds most is who can be missed most easily: it comes back, and
  /// goes on at its offset.
  void close_heaviest() {
    std::shared_ptr<session_base> heaviest;
    for (auto& session : alive())
      if (session->held_bytes() >=
          (heaviest ? heaviest->held_bytes() : worth_shedding))
        heaviest = session;
    if (heaviest)
      heaviest->shed();
  }

  /// Whether there were any to drop.
  bool drop_strangers(std::size_t room) {
    const auto gone = context_->unknown.resize(room);
    context_->counted.evicted += gone.size();
    for (const auto& stranger : gone)
      stranger->abort();
    return !gone.empty();
  }

  void wait_for_sessions() {
    if (!stopped_)
      return;
    if (alive().empty())
      return finish();
    auto timer = std::make_shared<asio::steady_timer>(context_->loop);
    timer->expires_after(10ms);
    timer->async_wait([self = shared_from_this(), timer](error_code) {
      self->wait_for_sessions();
    });
  }

  void cut() {
    for (auto& session : alive())
      session->abort();
    finish();
  }

  void finish() {
    patience_.cancel();
    if (auto stopped = std::exchange(stopped_, nullptr))
      stopped();
  }

  std::shared_ptr<server_context> context_;
  std::vector<std::shared_ptr<listener>> listeners_;
  std::vector<std::weak_ptr<session_base>> sessions_;
  std::size_t sweep_at_ = 64;
  asio::steady_timer patience_;
  bool stopping_ = false;
  std::function<void()> stopped_; // until it was called
};

server::server(std::shared_ptr<server_context> context)
    : impl_{std::make_shared<impl>(std::move(context))} {}

server::~server() = default;

result<std::string> server::listen(const listen_address& address) {
  return impl_->listen(address);
}

result<std::string> server::adopt(int descriptor) {
  return impl_->adopt(descriptor);
}

void server::accept() {
  impl_->accept();
}

void server::tick() {
  impl_->tick();
}

void server::access_changed() {
  impl_->access_changed();
}

void server::stop(std::chrono::milliseconds patience,
                  std::function<void()> stopped) {
  impl_->stop(patience, std::move(stopped));
}

} // namespace outrigger
