// CROWDS: many connections that are only there, each crowd in a process of its
// own, because descriptors are limited by process. Gone with their object.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/child_process.hpp"

namespace outrigger::bench {

/// WebSockets that were let in and say nothing but pong.
class idle_sockets {
public:
  /// Returns when `count` are open. `target` is the path with its query.
  idle_sockets(std::uint16_t port, const std::string& target,
               std::size_t count);

  /// Those that the daemon has closed.
  [[nodiscard]] std::size_t lost() const { return figures_->lost; }

private:
  struct figures {
    std::atomic<std::size_t> open{0};
    std::atomic<std::size_t> lost{0};
  };

  void run(std::uint16_t port, const std::string& target, std::size_t count);

  shared_value<figures> figures_;
  std::unique_ptr<child_process> process_;
};

/// Clients without a credential: each sends a byte of a request's head every
/// 100 ms, and when it finds itself dropped, connects again instead.
class slow_strangers {
public:
  slow_strangers(std::uint16_t port, std::size_t count);

  [[nodiscard]] std::size_t connects() const { return *connects_; }

private:
  void run(std::uint16_t port, std::size_t count);

  shared_value<std::atomic<std::size_t>> connects_;
  std::unique_ptr<child_process> process_;
};

} // namespace outrigger::bench
