// HTTP CLIENT: keep-alive connections that ask the same thing again and again,
// one request at a time each, and cost little beside the server.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/statistics.hpp"

namespace outrigger::bench {

struct http_load {
  std::uint16_t port = 0;
  std::string target;
  std::size_t connections = 1;
  std::chrono::duration<double> time{1};
};

struct http_result {
  std::size_t requests = 0;
  double seconds = 0;
  std::vector<double> latency_us; // of each request

  [[nodiscard]] double per_second() const {
    return seconds > 0 ? static_cast<double>(requests) / seconds : 0;
  }
};

/// From one thread. Throws failure when an answer is not 200 or a connection
/// ends.
[[nodiscard]] http_result ask_repeatedly(const http_load& load);

/// The bytes of one whole answer at the beginning of `bytes`, 0 when more has
/// to come. It must have a Content-Length.
[[nodiscard]] std::size_t answer_size(std::string_view bytes);

/// One GET on a connection of its own, which then is reset. The answer, head
/// and all; empty when the connection ended before.
[[nodiscard]] std::string get_once(std::uint16_t port,
                                   const std::string& target,
                                   const std::string& token);

} // namespace outrigger::bench
