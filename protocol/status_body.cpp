#include "protocol/status_body.hpp"

#include "protocol/json.hpp"
#include "protocol/limits.hpp"
#include "protocol/timestamp.hpp"

namespace outrigger {

namespace {

/// Of the terminal channel, counted up when a change is not compatible.
constexpr int protocol_version = 1;

/// How old the time in a health body may be.
constexpr std::chrono::milliseconds max_page_age{100};

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

std::string health_to_json(const health_board& board,
                           std::chrono::steady_clock::time_point now,
                           std::int64_t now_unix_ms) {
  using namespace std::chrono;
  json::writer out;
  out.field("status", "ok")
      .field("service", "outrigger")
      .field("version", board.version)
      .field("workspace", board.workspace)
      .field("workspace_id", board.workspace)
      .field("uptime_seconds",
             duration_cast<seconds>(now - board.started).count())
      .field("timestamp", to_rfc3339(now_unix_ms))
      .field("terminals", board.terminals)
      .field("connections", board.connections)
      .field("loop_lag_us", board.loop_lag.count())
      .field("holder", board.holder)
      .field("overload", level_name(board.overload))
      .open_object("limits")
      .field("terminals", board.terminal_limit)
      .field("message_bytes", board.message_limit)
      .field("body_bytes", board.body_limit)
      .field("scrollback_bytes", limits::max_scrollback)
      .close_object();
  return out.finish();
}

const std::string& health_page::text(const health_board& board,
                                     std::chrono::steady_clock::time_point now,
                                     std::int64_t now_unix_ms) {
  if (text_.empty() || now - written_ >= max_page_age || !(shown_ == board)) {
    text_ = health_to_json(board, now, now_unix_ms);
    written_ = now;
    shown_ = board;
  }
  return text_;
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
