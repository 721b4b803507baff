#include "protocol/status_body.hpp"

#include "protocol/json.hpp"
#include "protocol/limits.hpp"
#include "protocol/timestamp.hpp"

namespace outrigger {

namespace {

/// Of the terminal channel, counted up when a change is not compatible.
constexpr int protocol_version = 1;

/// What a client may rely on beyond the documented protocol.
const std::vector<std::string> capabilities{"terminals", "resume", "ack",
                                            "attach",    "gap",    "view"};

void write_machine(json::writer& out, const runtime_report& report) {
  out.field("os", report.os)
      .field("arch", report.arch)
      .field("cpus", report.cpus)
      .field("home", report.home)
      .field("shell", report.shell);
}

} // namespace

std::string health_to_json(const health_report& report,
                           std::int64_t now_unix_ms) {
  json::writer out;
  out.field("status", "ok")
      .field("service", "outrigger")
      .field("version", report.version)
      .field("workspace", report.workspace)
      .field("workspace_id", report.workspace)
      .field("uptime_seconds", report.uptime_ms / 1000)
      .field("timestamp", to_rfc3339(now_unix_ms))
      .field("terminals", report.terminals)
      .field("connections", report.connections)
      .field("loop_lag_us", report.loop_lag_us)
      .field("holder", report.holder)
      .open_object("limits")
      .field("terminals", report.terminal_limit)
      .field("message_bytes", limits::max_message)
      .field("body_bytes", limits::max_http_body)
      .field("scrollback_bytes", limits::max_scrollback)
      .close_object();
  return out.finish();
}

std::string runtime_to_json(const runtime_report& report) {
  json::writer out;
  write_machine(out, report);
  out.field("protocol_version", protocol_version)
      .field("capabilities", capabilities)
      .field("version", report.version)
      .field("workspace", report.workspace);
  return out.finish();
}

std::string runtimes_to_json(const runtime_report& report) {
  json::writer out;
  out.field("version", report.version)
      .field("default_target", "default")
      .open_array("targets")
      .open_object()
      .field("id", "default")
      .field("local", true)
      .field("available", true)
      .field("workspace", report.workspace);
  write_machine(out, report);
  out.close_object().close_array();
  return out.finish();
}

} // namespace outrigger
