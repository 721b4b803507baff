// Blocking TCP over loopback, and a descriptor that closes itself.

#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace outrigger::bench {

class owned_fd {
public:
  owned_fd() = default;
  explicit owned_fd(int fd) : fd_{fd} {}
  owned_fd(owned_fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  owned_fd& operator=(owned_fd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~owned_fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = fd;
  }

private:
  int fd_ = -1;
};

/// A connection to a port of this machine, TCP_NODELAY set. Throws failure.
[[nodiscard]] owned_fd connect_to(std::uint16_t port);

/// Two ends of a loopback TCP connection, TCP_NODELAY set on both.
[[nodiscard]] std::pair<owned_fd, owned_fd> tcp_pair();

/// Bytes of a TCP connection that have come so far.
[[nodiscard]] std::uint64_t received_bytes(int fd);

/// Writes everything; false when the peer is gone.
bool send_all(int fd, std::string_view bytes);

} // namespace outrigger::bench
