#include "net/listener.hpp"

#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <spdlog/spdlog.h>

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;
using generic_endpoint = asio::generic::stream_protocol::endpoint;

/// After an accept that failed and nobody could be turned away: time for
/// something to be freed, instead of a busy loop.
constexpr auto accept_pause = 100ms;

/// Connections taken in one turn of the loop: a burst is not served one by
/// one behind everything else, and does not hold everything else up.
constexpr int accepts_a_turn = 16;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

bool is_ip(int family) {
  return family == AF_INET || family == AF_INET6;
}

tcp::endpoint to_tcp(const generic_endpoint& end) {
  tcp::endpoint address;
  std::memcpy(address.data(), end.data(), end.size());
  address.resize(end.size());
  return address;
}

/// The user of the process at the other end of a unix socket; nobody's number
/// when the kernel does not say.
uid_t user_of(stream::socket_type& socket) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who,
                   &size) != 0)
    return static_cast<uid_t>(-1);
  return who.uid;
}

/// Whoever could read our memory anyway.
bool is_trusted(uid_t user) {
  return user == ::geteuid() || user == 0;
}

/// Makes way for a unix listener: removes the socket of a daemon that is gone,
/// and nothing else – no file that happens to have the name, no socket that
/// somebody listens on.
error_code remove_stale(const local::endpoint& at) {
  const auto path = at.path();
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

listener::listener(std::shared_ptr<server_context> context)
    : context_{std::move(context)}, acceptor_{context_->loop},
      pause_{context_->loop} {}

listener::~listener() {
  if (spare_ >= 0)
    ::close(spare_);
}

// -- opening ------------------------------------------------------------------

template <class Endpoint>
error_code listener::bind(const Endpoint& at, bool both_versions) {
  error_code ec;
  acceptor_.open(at.protocol(), ec);
  if (!ec)
    acceptor_.set_option(asio::socket_base::reuse_address{true}, ec);
  if (!ec && both_versions)
    acceptor_.set_option(asio::ip::v6_only{false}, ec);
  if (!ec)
    acceptor_.bind(at, ec);
  if (!ec)
    acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  return ec;
}

/// One socket for both versions of IP; where there is no version 6, one for
/// version 4.
error_code listener::bind_all(std::uint16_t port) {
  const auto ec = bind(tcp::endpoint{tcp::v6(), port}, true);
  if (ec != asio::error::address_family_not_supported)
    return ec;
  return bind(tcp::endpoint{tcp::v4(), port});
}

result<std::shared_ptr<listener>>
listener::open(std::shared_ptr<server_context> context,
               const listen_address& address) {
  std::shared_ptr<listener> out{new listener{std::move(context)}};
  out->is_unix_ = address.is_unix();
  const auto failed = [](const std::string& where, error_code why) {
    return error{errc::internal, "listen on " + where + ": " + why.message()};
  };
  if (address.is_unix()) {
    const auto& path = address.unix_path;
    const local::endpoint at{path};
    if (auto ec = remove_stale(at))
      return failed("unix:" + path, ec);
    const auto mask = ::umask(0177); // nobody else, from the first moment on
    const auto ec = out->bind(at);
    ::umask(mask);
    if (ec)
      return failed("unix:" + path, ec);
    out->unlink_ = path;
    return out;
  }
  error_code ec;
  const auto host = address.host == "localhost" ? "127.0.0.1" : address.host;
  if (host.empty())
    ec = out->bind_all(address.port);
  else if (const auto ip = asio::ip::make_address(host, ec); !ec)
    ec = out->bind(tcp::endpoint{ip, address.port});
  if (ec)
    return failed(host + ":" + std::to_string(address.port), ec);
  return out;
}

result<std::shared_ptr<listener>>
listener::adopt(std::shared_ptr<server_context> context, int descriptor) {
  std::shared_ptr<listener> out{new listener{std::move(context)}};
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  error_code ec;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) !=
      0)
    ec = last_error();
  else
    out->acceptor_.assign({bound.ss_family, 0}, descriptor, ec);
  if (ec) {
    ::close(descriptor);
    return error{errc::internal, "passed socket " + std::to_string(descriptor) +
                                     ": " + ec.message()};
  }
  out->is_unix_ = !is_ip(bound.ss_family);
  return out;
}

std::string listener::url() const {
  error_code ec;
  const auto end = acceptor_.local_endpoint(ec);
  if (is_unix_) {
    const auto* path =
        reinterpret_cast<const char*>(end.data()) + sizeof(sa_family_t);
    const auto size = end.size() > sizeof(sa_family_t)
                          ? end.size() - sizeof(sa_family_t)
                          : std::size_t{0};
    return "unix:" + std::string{path, ::strnlen(path, size)};
  }
  const auto bound = to_tcp(end);
  const auto name = bound.address().is_v6()
                        ? "[" + bound.address().to_string() + "]"
                        : bound.address().to_string();
  return (context_->tls ? "https://" : "http://") + name + ":" +
         std::to_string(bound.port());
}

// -- accepting ----------------------------------------------------------------

void listener::accept(accepted_function accepted,
                      std::function<bool()> make_room) {
  accepted_ = std::move(accepted);
  make_room_ = std::move(make_room);
  reserve();
  error_code ignored; // accept_waiting() then takes one at a time
  acceptor_.non_blocking(true, ignored);
  accept_next();
}

void listener::stop() {
  stopped_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  if (!unlink_.empty())
    ::unlink(unlink_.c_str());
}

void listener::accept_next() {
  acceptor_.async_accept(
      [self = shared_from_this()](error_code ec, stream::socket_type socket) {
        if (self->stopped_)
          return;
        if (ec)
          return self->failed(ec);
        self->serve(std::move(socket));
        self->accept_waiting();
      });
}

/// What else has come by now.
void listener::accept_waiting() {
  for (int i = 1; i < accepts_a_turn && acceptor_.non_blocking(); ++i) {
    error_code ec;
    stream::socket_type socket{context_->loop};
    acceptor_.accept(socket, ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again)
      break;
    if (ec)
      return failed(ec);
    serve(std::move(socket));
  }
  if (const auto away = std::exchange(turned_away_, 0))
    spdlog::warn("listener: accepts again; {} connections were turned away",
                 away);
  accept_next();
}

void listener::serve(stream::socket_type socket) {
  ++context_->counted.accepted;
  peer from;
  error_code ec;
  if (is_unix_) {
    const auto user = user_of(socket);
    from.trusted = is_trusted(user);
    if (!from.trusted)
      from.from = to_source(user);
  } else {
    const auto ours = socket.local_endpoint(ec);
    if (!ec)
      from.local_address = unmapped(to_tcp(ours).address()).to_string();
    const auto theirs = socket.remote_endpoint(ec);
    if (!ec)
      from.from = to_source(to_tcp(theirs).address());
    from.tls = context_->tls != nullptr;
  }
  accepted_(std::move(socket), std::move(from));
}

/// Without descriptors the connection would wait in the kernel, and its
/// arrival be reported again and again: it is taken with the spare one, and
/// closed.
void listener::failed(error_code why) {
  ++context_->counted.accept_errors;
  const bool no_descriptors =
      why == asio::error::no_descriptors ||
      why == error_code{ENFILE, boost::system::system_category()};
  // A stranger's place is as good as a new one.
  const bool room = no_descriptors && make_room_();
  const bool turned_away = no_descriptors && !room && turn_one_away();
  if (turned_away_ == 0 && !room)
    spdlog::warn("listener: accept: {}", why.message());
  if (turned_away)
    ++turned_away_;
  pause_.expires_after(room || turned_away ? 0ms : accept_pause);
  pause_.async_wait([self = shared_from_this()](error_code) {
    if (!self->stopped_)
      self->accept_next();
  });
}

bool listener::turn_one_away() {
  if (spare_ < 0)
    return false;
  ::close(std::exchange(spare_, -1));
  const int fd = ::accept4(acceptor_.native_handle(), nullptr, nullptr,
                           SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) {
    ++context_->counted.shed;
    ::close(fd);
  }
  reserve();
  return fd >= 0;
}

void listener::reserve() {
  if (spare_ < 0)
    spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

} // namespace outrigger
