#include "protocol/auth_message.hpp"

#include "protocol/error_body.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "auth message";
constexpr std::string_view channel_name = "auth";

/// Twice the longest token there is.
constexpr std::size_t max_size = std::size_t{16} * 1024;

void begin(json::writer& out, std::string_view type) {
  out.field("channel", channel_name).field("type", type);
}

} // namespace

bool may_be_auth_message(std::string_view text) {
  return text.size() <= max_size &&
         text.find("\"auth\"") != std::string_view::npos;
}

result<std::optional<auth_refresh>> parse_auth_message(std::string_view text) {
  const std::optional<auth_refresh> other_channel;
  if (!may_be_auth_message(text))
    return other_channel;
  const auto parsed = json::parse_object(text, what, max_size);
  if (!parsed)
    return other_channel;
  const json::fields in{*parsed, what};
  if (const auto channel = in.text("channel");
      !channel || *channel != channel_name)
    return other_channel;

  const auto type = in.text("type");
  if (!type)
    return type.error();
  if (*type != "refresh")
    return in.bad("type", "is unknown");
  auto token = in.text("token");
  if (!token)
    return token.error();
  if (!*token)
    return in.bad("token", "is missing");
  return std::optional{auth_refresh{std::move(**token)}};
}

std::string auth_expiring_to_json(std::int64_t expires_at) {
  json::writer out;
  begin(out, "auth_expiring");
  out.field("expires_at", expires_at)
      .field("grace_seconds", limits::auth_grace.count());
  return out.finish();
}

std::string auth_refreshed_to_json(std::optional<std::int64_t> expires_at) {
  json::writer out;
  begin(out, "auth_refreshed");
  if (expires_at)
    out.field("expires_at", *expires_at);
  else
    out.field("expires_at", nullptr);
  return out.finish();
}

std::string auth_error_to_json(const error& err) {
  json::writer out;
  begin(out, "error");
  out.field("code", code_name(err.code)).field("error", error_sentence(err));
  return out.finish();
}

} // namespace outrigger
