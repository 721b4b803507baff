// BARE SERVER: the least that Beast makes of an HTTP server that one would put
// on a network: one thread, flat buffers, a timeout on every read and write,
// keep-alive, one answer. The reference for requests per second.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/child_process.hpp"

namespace outrigger::bench {

/// What it says to every request.
struct bare_answer {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

/// In a process of its own, on a free port of the loopback interface.
class bare_server {
public:
  explicit bare_server(const bare_answer& answer);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

private:
  std::uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

} // namespace outrigger::bench
