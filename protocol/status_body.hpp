// Bodies of the calls about the daemon itself: /health, /runtime, /runtimes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace outrigger {

struct health_report {
  std::string_view version;
  std::string_view workspace;
  std::int64_t uptime_ms = 0;
  std::size_t terminals = 0; // alive
  std::size_t terminal_limit = 0;
  std::size_t connections = 0;  // WebSockets open
  std::int64_t loop_lag_us = 0; // worst of the last second
  bool holder = true;           // the holder answers
};

/// `{"status":"ok","service":"outrigger","version","workspace",
/// "workspace_id","uptime_seconds","timestamp","limits":{…},…}`. `status` is
/// exactly "ok": documented clients compare it.
[[nodiscard]] std::string health_to_json(const health_report& report,
                                         std::int64_t now_unix_ms);

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
