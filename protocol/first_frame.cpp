#include "protocol/first_frame.hpp"

#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "first frame";

} // namespace

first_frame classify_first_frame(frame_kind kind, std::string_view bytes) {
  if (kind == frame_kind::binary)
    return first_frame::terminals;
  const auto parsed = json::parse_object(bytes, what, limits::max_message);
  if (!parsed)
    return first_frame::unknown;
  const json::fields fields{*parsed, what};
  if (fields.find("command"))
    return first_frame::computer;
  return fields.find("channel") ? first_frame::terminals : first_frame::unknown;
}

result<authenticate_command> parse_authenticate_command(std::string_view text) {
  static const error not_first{errc::unauthorized,
                               "First message must be authentication"};
  static const error no_key{errc::unauthorized, "API key required"};
  static const error no_name{errc::unauthorized, "Container name required"};
  const auto parsed =
      json::parse_object(text, what, limits::max_unauthenticated_message);
  if (!parsed)
    return not_first;
  const json::fields frame{*parsed, what};
  if (const auto command = frame.text("command");
      !command || *command != "authenticate")
    return not_first;
  const auto* params = frame.find("params");
  if (!params || !params->IsObject())
    return no_key;
  const json::fields in{*params, what};
  auto key = in.text("api_key");
  if (!key || key->value_or("").empty())
    return no_key;
  auto name = in.text("container_name");
  if (!name || name->value_or("").empty())
    return no_name;
  return authenticate_command{std::move(**name), std::move(**key)};
}

std::string computer_refusal(std::string_view why) {
  json::writer out;
  out.field("success", false).field("error", why);
  return out.finish();
}

} // namespace outrigger
