// The workspace's WebSocket of the runtime API, /api/v1/ws: what its clients
// say, and what they are told beside changes of files (watch_event.hpp).
//
//   {"type":"ping"}                        -> {"type":"pong"}
//   {"type":"subscribe","session_id":…}    -> {"type":"subscribed",…}
//   anything else                          -> {"type":"error","message":…}

#pragma once

#include <string>
#include <string_view>

namespace outrigger {

/// How much of the machine is in use, in percent.
struct machine_load {
  double cpu = 0;
  double memory = 0;
  double disk = 0;
};

/// The answer to a text frame, whatever it is. There are no agent sessions to
/// subscribe to yet: `success` is false.
[[nodiscard]] std::string answer_runtime_message(std::string_view json);

/// The same for a binary frame, which this dialect does not have.
[[nodiscard]] std::string runtime_error_to_json(std::string_view message);

/// `{"type":"system_stats","stats":{"cpu_percent","memory_percent",
/// "disk_percent"}}`, with one decimal.
[[nodiscard]] std::string system_stats_to_json(const machine_load& load);

} // namespace outrigger
