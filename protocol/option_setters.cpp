#include "protocol/option_setters.hpp"

#include <algorithm>
#include <array>

#include "protocol/ascii.hpp"
#include "protocol/ip_literal.hpp"
#include "protocol/jwt.hpp"

namespace outrigger {

using option_text::list_of;
using option_text::quoted;
using option_text::written;
using option_text::written_size;

namespace {

bool is_host(std::string_view text) {
  const bool name = !text.empty() && text.size() <= 253 &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return ascii::is_letter(c) || ascii::is_digit(c) ||
                             c == '.' || c == '-' || c == '_';
                    });
  return name || parse_ipv6(text);
}

/// scheme://host[:port], as browsers write an Origin. Editors' web views have
/// schemes of their own.
bool is_origin(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0)
    return false;
  const auto scheme = text.substr(0, colon);
  const auto host = text.substr(colon + 3);
  return ascii::is_letter(scheme.front()) &&
         std::all_of(scheme.begin(), scheme.end(),
                     [](char c) {
                       return ascii::is_letter(c) || ascii::is_digit(c) ||
                              c == '+' || c == '-' || c == '.';
                     }) &&
         !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
           return c > ' ' && c < 0x7f &&
                  std::string_view{"/?#@*\\\"<>"}.find(c) ==
                      std::string_view::npos;
         });
}

/// KID:ALG:FILE. What it says is wrong never quotes it: somebody may have put
/// the key itself there.
std::optional<jwt_key_option> parse_jwt_key(std::string_view text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos)
    return std::nullopt;
  jwt_key_option out{std::string{text.substr(0, first)},
                     std::string{text.substr(first + 1, second - first - 1)},
                     std::string{text.substr(second + 1)}};
  const bool plain = std::all_of(out.kid.begin(), out.kid.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != ',';
  });
  if (!plain || out.kid.size() > 128 || !parse_jwt_algorithm(out.algorithm) ||
      out.file.empty() || out.file.find('\0') != std::string::npos)
    return std::nullopt;
  return out;
}

} // namespace

// -- limits of the network edge -----------------------------------------------

std::string set_time(std::chrono::milliseconds& to, std::string_view text) {
  const auto time = option_text::parse_duration(text);
  if (!time || *time < min_edge_time || *time > max_edge_time)
    return "must be " + written(min_edge_time) + " to " +
           written(max_edge_time) +
           ", a whole number with its unit (ms, s, m, h), such as 10s";
  to = *time;
  return {};
}

std::string set_size(std::size_t& to, std::string_view text, std::size_t min,
                     std::size_t max) {
  const auto size = option_text::parse_size(text);
  if (!size || *size < min || *size > max)
    return "must be " + written_size(min) + " to " + written_size(max) +
           ", in bytes or with a unit (B, KiB, MiB, GiB), such as 64KiB";
  to = static_cast<std::size_t>(*size);
  return {};
}

std::string set_count(std::size_t& to, std::string_view text, std::size_t min,
                      std::size_t max) {
  const auto count = ascii::parse_decimal<std::size_t>(text);
  if (!count || *count < min || *count > max)
    return "must be " + std::to_string(min) + " to " + std::to_string(max);
  to = *count;
  return {};
}

// -- options with rules of their own ------------------------------------------

std::string set_listen(options& to, const option_values& values) {
  to.listen.clear();
  for (const auto& text : values) {
    const auto address = parse_listen_address(text);
    if (!address)
      return "is wrong: " + address.error().detail;
    to.listen.push_back(*address);
  }
  return {};
}

std::string show_listen(const options& from) {
  std::vector<std::string> out;
  for (const auto& address : from.listen)
    out.push_back(written(address));
  return list_of(out);
}

/// The first is the workspace directory.
std::string set_roots(options& to, const option_values& values) {
  for (const auto& path : values)
    if (path.empty() || path.find('\0') != std::string::npos)
      return "must be a directory";
  to.root = values.front();
  to.more_roots.assign(values.begin() + 1, values.end());
  return {};
}

std::string show_roots(const options& from) {
  if (from.more_roots.empty())
    return option_text::quoted(from.root);
  auto all = from.more_roots;
  all.insert(all.begin(), from.root);
  return list_of(all);
}

/// It becomes a part of paths and of log lines.
std::string set_workspace_id(options& to, const option_values& values) {
  const auto& id = values.back();
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return ascii::is_letter(c) || ascii::is_digit(c) || c == '.' || c == '_' ||
           c == '-';
  });
  if (!plain || id.empty() || id.size() > 64 || id.front() == '.')
    return "must be 1 to 64 of A-Z a-z 0-9 . _ - and not begin with a dot";
  to.workspace_id = id;
  return {};
}

std::string set_terminal_limit(options& to, const option_values& values) {
  return set_count(to.terminal_limit, values.back(), 1,
                   limits::max_terminal_id);
}

std::string show_terminal_limit(const options& from) {
  return std::to_string(from.terminal_limit);
}

std::string set_memory_budget(options& to, const option_values& values) {
  if (values.back() == "auto") {
    to.edge.memory_budget = 0;
    return {};
  }
  static constexpr std::size_t mib = 1024 * 1024;
  const auto flaw = set_size(to.edge.memory_budget, values.back(), 16 * mib,
                             1024 * 1024 * mib);
  return flaw.empty() ? flaw : flaw + "; or auto";
}

std::string show_memory_budget(const options& from) {
  return from.edge.memory_budget == 0
             ? quoted("auto")
             : show_edge_size<&limits::edge_limits::memory_budget>(from);
}

std::string set_allow_host(options& to, const option_values& values) {
  to.allow_hosts.clear();
  for (const auto& host : values) {
    if (!is_host(host))
      return "must be a host name or address without a port";
    to.allow_hosts.push_back(ascii::lower(host));
  }
  return {};
}

std::string set_allow_origin(options& to, const option_values& values) {
  to.allow_origins.clear();
  for (const auto& origin : values) {
    if (!is_origin(origin))
      return "must be an origin such as https://ide.example, without a path";
    to.allow_origins.push_back(ascii::lower(origin));
  }
  return {};
}

std::string set_jwt_keys(options& to, const option_values& values) {
  to.jwt_keys.clear();
  for (const auto& text : values) {
    auto key = parse_jwt_key(text);
    if (!key)
      return "must be KID:ALG:FILE, ALG one of HS256, ES256 and EdDSA; KID may "
             "be empty, and holds neither blanks nor commas";
    const bool twice = std::any_of(
        to.jwt_keys.begin(), to.jwt_keys.end(),
        [&](const jwt_key_option& other) { return other.kid == key->kid; });
    if (twice)
      return "names two keys \"" + key->kid + "\": tokens could not say which";
    to.jwt_keys.push_back(std::move(*key));
  }
  return {};
}

std::string show_jwt_keys(const options& from) {
  std::vector<std::string> out;
  for (const auto& key : from.jwt_keys)
    out.push_back(key.kid + ':' + key.algorithm + ':' + key.file);
  return list_of(out);
}

std::string set_log_level(options& to, const option_values& values) {
  static constexpr std::array<std::string_view, 6> levels{
      "trace", "debug", "info", "warn", "error", "off"};
  const auto level = ascii::lower(values.back());
  if (std::find(levels.begin(), levels.end(), level) == levels.end())
    return "must be trace, debug, info, warn, error or off";
  to.log_level = level;
  return {};
}

std::string set_log_format(options& to, const option_values& values) {
  const auto name = ascii::lower(values.back());
  if (name != "text" && name != "json")
    return "must be text or json";
  to.log = name == "json" ? log_format::json : log_format::text;
  return {};
}

std::string show_log_format(const options& from) {
  return from.log == log_format::json ? quoted("json") : quoted("text");
}

} // namespace outrigger
