#include "bench/socket.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <linux/tcp.h> // knows more of tcp_info than <netinet/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "bench/source.hpp"

namespace outrigger::bench {
namespace {

owned_fd checked(int fd, const char* what) {
  if (fd < 0)
    throw failure{std::string{what} + ": " + std::strerror(errno)};
  return owned_fd{fd};
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

} // namespace

owned_fd connect_to(std::uint16_t port) {
  auto fd = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  const auto address = loopback(port);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0)
    throw failure{"connect to port " + std::to_string(port) + ": " +
                  std::strerror(errno)};
  no_delay(fd.get());
  return fd;
}

std::pair<owned_fd, owned_fd> tcp_pair() {
  auto listener =
      checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), generic, size) != 0 ||
      ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), generic, &size) != 0)
    throw failure{std::string{"listen: "} + std::strerror(errno)};
  auto client = connect_to(ntohs(address.sin_port));
  auto server = checked(
      ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept");
  no_delay(server.get());
  return {std::move(server), std::move(client)};
}

std::uint64_t received_bytes(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    throw failure{std::string{"TCP_INFO: "} + std::strerror(errno)};
  return info.tcpi_bytes_received;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0 && errno == EAGAIN) {
      pollfd entry{fd, POLLOUT, 0};
      ::poll(&entry, 1, 1000);
      continue;
    }
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

} // namespace outrigger::bench
