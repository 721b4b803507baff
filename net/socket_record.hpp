// What is remembered of a WebSocket from its upgrade to its end, and the one
// line it leaves in the access log.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "net/gate.hpp"
#include "net/server_context.hpp"

namespace outrigger {

/// What is known of a socket from its upgrade, for the log and for fairness.
struct websocket_birth {
  peer from;
  std::string request_id;
  std::string path;
  std::string who;
  bool stranger = false; // it has shown no credential yet
};

struct websocket_end {
  std::uint16_t code = 0; // see end_code()
  std::uint64_t sent_bytes = 0;
  std::chrono::nanoseconds lasted{0};
};

/// Counts a socket that has ended, and logs it where requests are logged.
void count_end(server_context& context, const websocket_birth& birth,
               const websocket_end& end);

} // namespace outrigger
