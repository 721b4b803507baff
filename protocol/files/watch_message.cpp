#include "protocol/files/watch_message.hpp"

#include "protocol/error_body.hpp"
#include "protocol/files/watch_fields.hpp"
#include "protocol/files/watcher_rest.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "watcher message";
constexpr std::size_t max_own_id = 255;

/// A string or a number, as it is convenient for the client.
result<std::string> read_label(const json::fields& in, std::string_view name) {
  const auto* found = in.find(name);
  if (!found)
    return std::string{};
  if (found->IsInt64())
    return std::to_string(found->GetInt64());
  auto text = json::string_in(*found);
  if (!text || text->size() > max_own_id)
    return in.bad(name, "must be a string of at most 255 bytes, or a number");
  return std::move(*text);
}

result<socket_message> read_watch(const json::fields& in) {
  auto id = read_label(in, "id");
  if (!id)
    return id.error();
  auto path = in.text("path");
  if (!path)
    return path.error();
  if (!*path || (*path)->empty())
    return in.bad("path", "is missing");
  auto excludes = read_excludes(in);
  if (!excludes)
    return excludes.error();
  return socket_message{
      watch_message{std::move(*id), std::move(**path), std::move(*excludes)}};
}

result<socket_message> read_unwatch(const json::fields& in) {
  const auto text = read_label(in, "watcher_id");
  if (!text)
    return text.error();
  const auto id = parse_watcher_id(*text);
  if (id == 0)
    return in.bad("watcher_id", "must be a watcher's id");
  return socket_message{unwatch_message{id}};
}

/// What is not of the channel `watcher` is told what the other one says.
result<socket_message> parse_watch_message(std::string_view text,
                                           const error& otherwise) {
  const auto parsed = json::parse_object(text, what, limits::max_message);
  if (!parsed)
    return otherwise;
  const json::fields in{*parsed, what};
  const auto channel = in.text("channel");
  if (!channel || channel->value_or("") != "watcher")
    return otherwise;
  const auto type = in.text("type");
  if (!type)
    return type.error();
  if (!*type)
    return in.bad("type", "is missing");
  if (**type == "watch")
    return read_watch(in);
  if (**type == "unwatch")
    return read_unwatch(in);
  return in.bad("type", "is unknown");
}

} // namespace

result<socket_message> parse_socket_message(std::string_view json) {
  auto parsed = parse_terminal_message(json);
  if (!parsed)
    return parse_watch_message(json, parsed.error());
  return std::visit(
      [](auto& message) { return socket_message{std::move(message)}; },
      *parsed);
}

std::string watch_error_to_json(const std::string& own_id,
                                std::uint64_t watcher, const error& err) {
  const auto sentence = error_sentence(err);
  json::writer out;
  out.field("channel", "watcher").field("type", "error");
  if (!own_id.empty())
    out.field("id", own_id);
  if (watcher != 0)
    out.field("watcher_id", std::to_string(watcher));
  out.field("code", code_name(err.code))
      .field("error", sentence)
      .field("message", sentence);
  return out.finish();
}

std::string unwatched_to_json(std::uint64_t watcher) {
  json::writer out;
  out.field("channel", "watcher")
      .field("type", "unwatched")
      .field("watcher_id", std::to_string(watcher));
  return out.finish();
}

} // namespace outrigger
