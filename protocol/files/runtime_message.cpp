#include "protocol/files/runtime_message.hpp"

#include <algorithm>
#include <cmath>

#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "message";

/// "12.5"; what is no percentage is 0 or 100.
std::string percent(double value) {
  const auto tenths = std::isfinite(value)
                          ? std::lround(std::clamp(value, 0.0, 100.0) * 10)
                          : 0;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string answer_subscription(const json::fields& in,
                                std::string_view answer) {
  const auto session = in.text("session_id");
  if (!session || !*session || (*session)->empty())
    return runtime_error_to_json("session_id is required");
  json::writer out;
  out.field("type", answer)
      .field("session_id", **session)
      .field("success", false);
  return out.finish();
}

} // namespace

std::string answer_runtime_message(std::string_view json) {
  const auto parsed = json::parse_object(json, what, limits::max_message);
  if (!parsed)
    return runtime_error_to_json("Invalid JSON");
  const json::fields in{*parsed, what};
  const auto type = in.text("type");
  if (!type || !*type)
    return runtime_error_to_json("Unknown message type: None");
  if (**type == "ping") {
    json::writer out;
    out.field("type", "pong");
    return out.finish();
  }
  if (**type == "subscribe")
    return answer_subscription(in, "subscribed");
  if (**type == "unsubscribe")
    return answer_subscription(in, "unsubscribed");
  return runtime_error_to_json("Unknown message type: " +
                               (*type)->substr(0, 100));
}

std::string runtime_error_to_json(std::string_view message) {
  json::writer out;
  out.field("type", "error").field("message", message);
  return out.finish();
}

std::string system_stats_to_json(const machine_load& load) {
  json::writer out;
  out.field("type", "system_stats")
      .open_object("stats")
      .number_field("cpu_percent", percent(load.cpu))
      .number_field("memory_percent", percent(load.memory))
      .number_field("disk_percent", percent(load.disk))
      .close_object();
  return out.finish();
}

} // namespace outrigger
