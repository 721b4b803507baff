#include "tests/net/bulk_peer.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/net/pattern.hpp"

namespace outrigger {

struct bulk_peer::tls_session {
  explicit tls_session(int fd)
      : context{::SSL_CTX_new(::TLS_client_method())}, ssl{::SSL_new(context)} {
    ::SSL_set_fd(ssl, fd);
    connected = ::SSL_connect(ssl) == 1;
  }
  ~tls_session() {
    ::SSL_free(ssl);
    ::SSL_CTX_free(context);
  }

  SSL_CTX* context;
  SSL* ssl;
  bool connected = false;
};

bulk_peer::bulk_peer(std::uint16_t port, bool tls,
                     std::function<void(bulk_peer&)> script)
    : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error{"connect"};
  thread_ = std::thread{[this, tls, script = std::move(script)] {
    if (tls)
      tls_ = std::make_unique<tls_session>(fd_);
    if (!tls_ || tls_->connected)
      script(*this);
    done_ = true;
  }};
}

bulk_peer::~bulk_peer() {
  ::shutdown(fd_, SHUT_RDWR); // ends a script that a failed test left behind
  thread_.join();
  tls_.reset();
  ::close(fd_);
}

bool bulk_peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = tls_ ? ::SSL_write(tls_->ssl, bytes.data(),
                                      static_cast<int>(bytes.size()))
                        : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool bulk_peer::send_pattern(std::uint64_t size) {
  for (std::uint64_t at = 0; at < size;) {
    const auto piece = pattern_from(at).substr(0, size - at);
    if (!send(piece))
      return false;
    at += piece.size();
  }
  return true;
}

bool bulk_peer::send_chunks(std::uint64_t size) {
  std::uint64_t round = 0;
  for (std::uint64_t at = 0; at < size; ++round) {
    const auto piece = pattern_from(at).substr(
        0, std::min(size - at, 1 + round * 977 % 70'000));
    std::array<char, 20> line;
    std::snprintf(line.data(), line.size(), "%zx\r\n", piece.size());
    if (!send(line.data()) || !send(piece) || !send("\r\n"))
      return false;
    at += piece.size();
  }
  return send("0\r\n\r\n");
}

std::string bulk_peer::read_head() {
  std::string head = std::exchange(ahead_, {});
  for (;;) {
    const auto end = head.find("\r\n\r\n");
    if (end != std::string::npos) {
      ahead_ = head.substr(end + 4);
      return head.substr(0, end + 2);
    }
    const auto more = read(in_.size());
    if (more.empty())
      return {};
    head += more;
  }
}

std::uint64_t bulk_peer::skip(std::uint64_t size) {
  std::uint64_t got = 0;
  while (got < size) {
    const auto piece = read(size - got);
    if (piece.empty())
      break;
    got += piece.size();
  }
  return got;
}

std::uint64_t bulk_peer::check_pattern(std::uint64_t offset,
                                       std::uint64_t size) {
  std::uint64_t got = 0;
  while (got < size) {
    const auto piece = read(size - got);
    if (piece.empty() || !is_pattern(offset + got, piece))
      break;
    got += piece.size();
  }
  return got;
}

std::string_view bulk_peer::read(std::uint64_t size) {
  const auto room =
      static_cast<std::size_t>(std::min<std::uint64_t>(size, in_.size()));
  if (!ahead_.empty()) {
    const auto n = std::min(room, ahead_.size());
    ahead_.copy(in_.data(), n);
    ahead_.erase(0, n);
    return {in_.data(), n};
  }
  const auto n = tls_
                     ? ::SSL_read(tls_->ssl, in_.data(), static_cast<int>(room))
                     : ::recv(fd_, in_.data(), room, 0);
  return {in_.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

} // namespace outrigger
