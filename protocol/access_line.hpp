// One line of the access log: a request that was answered, or a WebSocket that
// has closed.
//
//   GET /terminals 200 1.2 ms 512 B from 127.0.0.1 as owner, id 00000000002a
//   GET /ws 101 7200.0 ms 81920 B from ::1 as owner, closed 1001, id 00000000…
//
// Nothing here is a credential: the path comes without its query, and who is
// the name of a principal, not what it has shown.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace outrigger {

enum class access_protocol : std::uint8_t { http, websocket };

/// Borrows what it names. Clients choose method, path and who: they may hold
/// anything.
struct access_line {
  std::string_view request_id;
  std::string_view method;
  std::string_view path; // canonical, without query; empty: not understood
  unsigned status = 0;
  std::uint64_t bytes = 0; // of the answer's body, or sent over the socket
  std::chrono::nanoseconds duration{0};
  std::string_view remote; // numeric address; empty: a unix socket
  std::string_view who;    // principal::name; empty: not known
  access_protocol protocol = access_protocol::http;
  std::uint16_t close_code = 0; // of a WebSocket
};

/// The line as text.
[[nodiscard]] std::string to_text(const access_line& line);

/// The line as a payload for the log (log_fields.hpp): the message
/// `GET /terminals 200`, the rest as fields request_id, protocol, method,
/// path, status, bytes, duration_ms, remote, who and, for a WebSocket,
/// close_code.
[[nodiscard]] std::string to_payload(const access_line& line);

} // namespace outrigger
