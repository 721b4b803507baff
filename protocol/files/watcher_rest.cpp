#include "protocol/files/watcher_rest.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"
#include "protocol/files/watch_fields.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "create watcher";
constexpr std::size_t max_exclude_size = 255;

/// Two names of one field.
result<std::string> read_path(const json::fields& in) {
  auto path = in.text("path");
  if (!path)
    return path.error();
  auto root = in.text("root");
  if (!root)
    return root.error();
  if (*path && *root && **path != **root)
    return in.bad("path", "and root differ");
  auto& given = *path ? *path : *root;
  if (!given || given->empty())
    return in.bad("path", "is missing");
  return std::move(*given);
}

result<std::vector<std::string>> read_texts(const json::fields& in,
                                            std::string_view name) {
  if (const auto* found = in.find(name))
    if (auto one = json::string_in(*found))
      return std::vector{std::move(*one)};
  auto list = in.texts(name);
  if (!list)
    return list.error();
  return std::move(*list).value_or(std::vector<std::string>{});
}

void write_watcher(json::writer& out, const watcher_info& watcher) {
  const bool works = watcher.state == watch_state::active ||
                     watcher.state == watch_state::degraded;
  out.field("id", std::to_string(watcher.id))
      .field("root", watcher.root)
      .field("dirs", watcher.dirs)
      .field("dir_count", watcher.dirs)
      .field("excludes", watcher.excludes)
      .field("active", works)
      .field("state", watch_state_name(watcher.state))
      .open_array("degraded");
  for (const auto& [path, reason] : watcher.degraded)
    out.open_object()
        .field("path", path)
        .field("reason", reason)
        .close_object();
  out.close_array();
}

} // namespace

const std::vector<std::string>& default_excludes() {
  static const std::vector<std::string> list{
      "node_modules",  ".git",        ".svn",  ".hg",   "__pycache__",
      ".pytest_cache", ".mypy_cache", ".next", ".nuxt", "dist",
      "build",         ".DS_Store",   "*.swp", "*.swo", "*~"};
  return list;
}

std::vector<std::string> merged_excludes(const std::vector<std::string>& more) {
  auto out = default_excludes();
  for (const auto& each : more)
    if (std::find(out.begin(), out.end(), each) == out.end())
      out.push_back(each);
  return out;
}

result<std::vector<std::string>> read_excludes(const json::fields& in) {
  auto out = read_texts(in, "excludes");
  if (!out)
    return out;
  auto more = read_texts(in, "exclude");
  if (!more)
    return more;
  out->insert(out->end(), more->begin(), more->end());
  if (out->size() > limits::max_excludes)
    return in.bad("excludes", "has more than 64 entries");
  for (auto& each : *out) {
    while (each.ends_with('/'))
      each.pop_back();
    while (each.starts_with('/'))
      each.erase(0, 1);
    if (each.empty() || each.size() > max_exclude_size ||
        each.find('\0') != std::string::npos)
      return in.bad("excludes", "must be names or globs of 1 to 255 bytes");
  }
  return out;
}

result<create_watcher_body> parse_create_watcher(std::string_view body) {
  const auto parsed = json::parse_object(body, what, limits::max_http_body);
  if (!parsed)
    return parsed.error();
  const json::fields in{*parsed, what};
  auto path = read_path(in);
  if (!path)
    return path.error();
  auto excludes = read_excludes(in);
  if (!excludes)
    return excludes.error();
  return create_watcher_body{std::move(*path), std::move(*excludes)};
}

std::uint64_t parse_watcher_id(std::string_view text) {
  if (text.empty() || text.front() == '0')
    return 0;
  return ascii::parse_decimal<std::uint64_t>(text).value_or(0);
}

std::string_view watch_state_name(watch_state state) {
  switch (state) {
  case watch_state::scanning:
    return "scanning";
  case watch_state::active:
    return "active";
  case watch_state::degraded:
    return "degraded";
  case watch_state::gone:
    break;
  }
  return "gone";
}

std::string watcher_to_json(const watcher_info& watcher) {
  json::writer out;
  json::begin_success(out).open_object("watcher");
  write_watcher(out, watcher);
  out.close_object();
  write_watcher(out, watcher);
  return out.finish();
}

std::string watchers_to_json(const std::vector<watcher_info>& watchers) {
  json::writer out;
  json::begin_success(out).open_array("watchers");
  for (const auto& each : watchers) {
    out.open_object();
    write_watcher(out, each);
    out.close_object();
  }
  out.close_array();
  return out.finish();
}

std::string watcher_deleted_to_json(std::uint64_t id) {
  json::writer out;
  json::begin_success(out).field("watcher_id", std::to_string(id));
  return out.finish();
}

} // namespace outrigger
