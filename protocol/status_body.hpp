// Bodies of the calls about the daemon itself: /health, /runtime, /runtimes.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/limits.hpp"
#include "protocol/overload.hpp"

namespace outrigger {

/// What /health says. Each value is kept up to date by the one who knows it,
/// on the loop, so that an answer needs no message and is there at every
/// overload level.
struct health_board {
  // Fixed at the start.
  std::string version;
  std::string workspace;
  std::size_t terminal_limit = 0;
  std::size_t message_limit = limits::max_message;
  std::size_t body_limit = limits::max_http_body;
  std::chrono::steady_clock::time_point started;
  // Kept by the terminals actor.
  std::size_t terminals = 0; // alive
  std::size_t listed = 0;    // ended ones included
  // Kept by the holder actor.
  bool holder = true; // the holder answers
  // Kept by the composition root.
  std::size_t connections = 0;           // WebSockets open
  std::chrono::microseconds loop_lag{0}; // worst of the last second
  overload_level overload = overload_level::ok;

  friend bool operator==(const health_board&, const health_board&) = default;
};

/// `{"status":"ok","service":"outrigger","version","workspace",
/// "workspace_id","uptime_seconds","timestamp","overload","limits":{…},…}`.
/// `status` is exactly "ok": documented clients compare it.
[[nodiscard]] std::string
health_to_json(const health_board& board,
               std::chrono::steady_clock::time_point now,
               std::int64_t now_unix_ms);

/// The same for who asks often: written anew when the board has changed, and
/// every 100 ms for the sake of the time in it.
class health_page {
public:
  [[nodiscard]] const std::string&
  text(const health_board& board, std::chrono::steady_clock::time_point now,
       std::int64_t now_unix_ms);

private:
  health_board shown_;
  std::chrono::steady_clock::time_point written_;
  std::string text_; // empty: none was written yet
};

struct runtime_report {
  std::string_view os;   // "linux"
  std::string_view arch; // "x86_64"
  unsigned cpus = 0;
  std::string_view home;
  std::string_view shell;
  std::string_view version;
  std::string_view workspace;
};

/// `{os,arch,cpus,home,shell,protocol_version,capabilities:[…],version}`.
[[nodiscard]] std::string runtime_to_json(const runtime_report& report);

/// `{version,default_target:"default",targets:[{id,local,available,…}]}`.
[[nodiscard]] std::string runtimes_to_json(const runtime_report& report);

} // namespace outrigger
