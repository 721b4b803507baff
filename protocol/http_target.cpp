#include "protocol/http_target.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"
#include "protocol/limits.hpp"
#include "protocol/percent.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

error bad_target(std::string_view why) {
  return {errc::malformed, "request target: " + std::string{why}};
}

/// What RFC 9112 leaves no room for in any part of a target.
bool has_forbidden_byte(std::string_view target) {
  return std::any_of(target.begin(), target.end(), [](char c) {
    return ascii::is_control(c) || c == ' ' || c == '#';
  });
}

/// Null, or why the segment is refused.
const char* flaw_of_segment(std::string_view raw) {
  const auto segment = percent_decode(raw, false);
  if (!segment)
    return "bad percent escape in the path";
  if (!utf8::valid(*segment))
    return "the path is not UTF-8";
  if (*segment == "." || *segment == "..")
    return "the path has a dot segment";
  // A decoded slash would mean another path to whoever decodes later.
  if (segment->find('/') != std::string::npos)
    return "the path has an encoded slash";
  if (std::any_of(segment->begin(), segment->end(), ascii::is_control))
    return "the path has a control character";
  return nullptr;
}

const char* flaw_of_path(std::string_view path) {
  for (const auto segment : ascii::split(path.substr(1), '/'))
    if (const auto* flaw = flaw_of_segment(segment))
      return flaw;
  return nullptr;
}

/// Null, or why the part is refused. Line breaks and tabs are fine in a
/// value: people search for them.
const char* decode_query_part(std::string_view raw, std::string& out) {
  auto decoded = percent_decode(raw, true);
  if (!decoded)
    return "bad percent escape in the query";
  if (!utf8::valid(*decoded))
    return "the query is not UTF-8";
  if (decoded->find('\0') != std::string::npos)
    return "the query has a NUL character";
  out = std::move(*decoded);
  return nullptr;
}

/// The names that clients of the terminals dialect use.
bool is_our_secret(std::string_view name) {
  return name == "token" || name == "ticket";
}

bool is_secret(std::string_view name) {
  return is_our_secret(name) || name == "api_key" || name == "internal_token";
}

/// Null, or why the query is refused.
const char* read_query(std::string_view query, http_target& out) {
  for (const auto piece : ascii::split(query, '&')) {
    if (piece.empty())
      continue;
    const auto equals = piece.find('=');
    std::pair<std::string, std::string> field;
    if (const auto* flaw =
            decode_query_part(piece.substr(0, equals), field.first))
      return flaw;
    if (equals != std::string_view::npos)
      if (const auto* flaw =
              decode_query_part(piece.substr(equals + 1), field.second))
        return flaw;
    if (is_secret(field.first)) {
      out.secrets.push_back(std::move(field.second));
      out.names_token = out.names_token || is_our_secret(field.first);
    } else {
      out.query.push_back(std::move(field));
    }
  }
  return nullptr;
}

} // namespace

const std::string* http_target::find(std::string_view name) const {
  const auto found =
      std::find_if(query.begin(), query.end(),
                   [name](const auto& field) { return field.first == name; });
  return found == query.end() ? nullptr : &found->second;
}

result<http_target> parse_http_target(std::string_view target) {
  if (target.size() > limits::max_target)
    return bad_target("over 4 KiB");
  if (target.empty() || target.front() != '/')
    return bad_target("must begin with a slash");
  if (has_forbidden_byte(target))
    return bad_target("has a blank, a control character or a fragment");

  http_target out;
  const auto mark = target.find('?');
  out.path = target.substr(0, mark);
  if (const auto* flaw = flaw_of_path(out.path))
    return bad_target(flaw);
  if (mark != std::string_view::npos)
    if (const auto* flaw = read_query(target.substr(mark + 1), out))
      return bad_target(flaw);
  return out;
}

} // namespace outrigger
