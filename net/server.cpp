#include "net/server.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include "net/http_session.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using asio::generic::stream_protocol;
using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;
using acceptor_type =
    asio::basic_socket_acceptor<stream_protocol, stream::executor_type>;

/// After an accept that failed for lack of descriptors or memory: time for
/// some to be freed, instead of a busy loop.
constexpr auto accept_pause = 100ms;

/// The address our end of a TCP connection has; empty for others.
std::string local_address(const stream::socket_type& socket) {
  error_code ec;
  const auto end = socket.local_endpoint(ec);
  if (ec || (end.protocol().family() != AF_INET &&
             end.protocol().family() != AF_INET6))
    return {};
  tcp::endpoint address;
  std::memcpy(address.data(), end.data(), end.size());
  address.resize(end.size());
  return address.address().to_string();
}

/// Whether the process at the other end of a unix socket runs as us or root.
bool trusted_peer(stream::socket_type& socket) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who,
                   &size) != 0)
    return false;
  return who.uid == ::geteuid() || who.uid == 0;
}

/// Makes way for a unix listener: removes the socket of a daemon that is gone,
/// and nothing else – no file that happens to have the name, no socket that
/// somebody listens on.
error_code remove_stale(const local::endpoint& at) {
  const auto path = at.path();
  const auto last_error = [] {
    return error_code{errno, boost::system::system_category()};
  };
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return errno == ENOENT ? error_code{} : last_error();
  if (!S_ISSOCK(found.st_mode))
    return {EEXIST, boost::system::system_category()};
  const int probe =
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0)
    return last_error();
  const bool refused =
      ::connect(probe, at.data(), static_cast<socklen_t>(at.size())) != 0 &&
      errno == ECONNREFUSED;
  ::close(probe);
  if (!refused)
    return asio::error::address_in_use;
  return ::unlink(path.c_str()) == 0 ? error_code{} : last_error();
}

} // namespace

class server::impl : public std::enable_shared_from_this<impl> {
public:
  explicit impl(std::shared_ptr<server_context> context)
      : context_{std::move(context)}, patience_{context_->loop} {}

  result<std::string> listen(const listen_address& address) {
    return address.is_unix() ? listen_unix(address.unix_path)
                             : listen_tcp(address);
  }

  void accept() {
    for (const auto& l : listeners_)
      accept(l);
  }

  void stop(std::chrono::milliseconds patience, std::function<void()> stopped) {
    stopping_ = true;
    for (const auto& l : listeners_)
      close(*l);
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
  struct listener {
    acceptor_type acceptor;
    asio::steady_timer pause; // before the next accept
    std::string unix_path;    // to be removed with it; empty for TCP
  };
  /// Shared with its pending accept, which may have its connection already
  /// when the listener is closed.
  using listener_ptr = std::shared_ptr<listener>;

  // -- listening --------------------------------------------------------------

  result<std::string> listen_tcp(const listen_address& address) {
    error_code ec;
    const auto host = address.host == "localhost" ? "127.0.0.1" : address.host;
    const auto ip = asio::ip::make_address(host, ec);
    if (ec)
      return error{errc::malformed, "listen on " + host + ": " + ec.message()};
    const tcp::endpoint wanted{ip, address.port};
    auto opened = open(wanted);
    if (!opened)
      return error{errc::internal, "listen on " + host + ":" +
                                       std::to_string(address.port) + ": " +
                                       opened.error().detail};
    tcp::endpoint bound;
    const auto end = (*opened)->acceptor.local_endpoint(ec);
    std::memcpy(bound.data(), end.data(), end.size());
    const auto name = ip.is_v6() ? "[" + ip.to_string() + "]" : ip.to_string();
    return std::string{context_->tls ? "https://" : "http://"} + name + ":" +
           std::to_string(bound.port());
  }

  result<std::string> listen_unix(const std::string& path) {
    const auto failed = [&path](const std::string& why) {
      return error{errc::internal, "listen on unix:" + path + ": " + why};
    };
    const local::endpoint at{path};
    if (auto ec = remove_stale(at))
      return failed(ec.message());
    const auto mask = ::umask(0177); // nobody else, from the first moment on
    auto opened = open(at);
    ::umask(mask);
    if (!opened)
      return failed(opened.error().detail);
    (*opened)->unix_path = path;
    return "unix:" + path;
  }

  template <class Endpoint>
  result<listener_ptr> open(const Endpoint& at) {
    error_code ec;
    acceptor_type acceptor{context_->loop};
    acceptor.open(at.protocol(), ec);
    if (!ec)
      acceptor.set_option(asio::socket_base::reuse_address{true}, ec);
    if (!ec)
      acceptor.bind(at, ec);
    if (!ec)
      acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (ec)
      return error{errc::internal, ec.message()};
    listeners_.push_back(std::make_shared<listener>(
        listener{std::move(acceptor), asio::steady_timer{context_->loop}, {}}));
    return listeners_.back();
  }

  void close(listener& l) {
    error_code ignored;
    l.acceptor.close(ignored);
    l.pause.cancel();
    if (!l.unix_path.empty())
      ::unlink(l.unix_path.c_str());
  }

  void accept(const listener_ptr& l) {
    l->acceptor.async_accept([self = shared_from_this(),
                              l](error_code ec, stream::socket_type socket) {
      if (self->stopping_)
        return;
      if (ec)
        return self->accept_later(l, ec);
      self->serve(std::move(socket), !l->unix_path.empty());
      self->accept(l);
    });
  }

  void accept_later(const listener_ptr& l, error_code why) {
    spdlog::warn("listener: accept: {}; again in {} ms", why.message(),
                 accept_pause.count());
    l->pause.expires_after(accept_pause);
    l->pause.async_wait([self = shared_from_this(), l](error_code) {
      if (!self->stopping_)
        self->accept(l);
    });
  }

  // -- sessions ---------------------------------------------------------------

  void serve(stream::socket_type socket, bool is_unix) {
    peer from;
    from.local_address = local_address(socket);
    from.trusted = is_unix && trusted_peer(socket);
    const bool tls = context_->tls && !is_unix;
    from.tls = tls;
    auto transport = tls ? stream{std::move(socket), *context_->tls}
                         : stream{std::move(socket)};
    track(serve_http(context_, std::move(transport), std::move(from),
                     [weak = weak_from_this()](auto session) {
                       if (auto self = weak.lock())
                         self->track(std::move(session));
                     }));
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
  std::vector<listener_ptr> listeners_;
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

void server::accept() {
  impl_->accept();
}

void server::stop(std::chrono::milliseconds patience,
                  std::function<void()> stopped) {
  impl_->stop(patience, std::move(stopped));
}

} // namespace outrigger
