#include "protocol/scopes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "protocol/ascii.hpp"
#include "protocol/terminal_message.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

constexpr std::size_t max_scopes = 64;
constexpr std::size_t max_scope_size = 1024;
constexpr std::size_t max_quoted = 64;

/// Kinds that stand alone.
constexpr std::array<std::string_view, 8> kinds{
    "all", "read", "terminal", "files", "agent", "ports", "computer", "admin"};

bool is_printable(std::string_view text) {
  return utf8::valid(text) &&
         std::none_of(text.begin(), text.end(), ascii::is_control);
}

/// The scope as its maker wrote it, unless that would do harm in a log.
error not_a_scope(std::string_view text, std::string_view why) {
  std::string detail{"scope"};
  if (text.size() <= max_quoted && is_printable(text))
    detail.append(" \"").append(text).append("\"");
  return {errc::malformed, detail.append(": ").append(why)};
}

bool is_normalised(std::string_view path) {
  if (path.empty() || path.front() != '/')
    return false;
  const auto segments = ascii::split(path.substr(1), '/');
  return path == "/" ||
         std::none_of(segments.begin(), segments.end(), [](auto segment) {
           return segment.empty() || segment == "." || segment == "..";
         });
}

/// Null, or why the path is refused. A colon would make a misspelt qualifier
/// part of the path.
const char* flaw_of_path(std::string_view path) {
  if (!is_printable(path))
    return "the path is not printable UTF-8";
  if (path.find(':') != std::string_view::npos)
    return "after the path only :read may follow";
  if (!is_normalised(path))
    return "the path must be absolute, without empty or dot segments";
  return nullptr;
}

/// "1" to "65535" without sign, blanks or leading zeros.
bool is_port(std::string_view text) {
  return !text.empty() && text.front() != '0' &&
         ascii::parse_decimal<std::uint16_t>(text).has_value();
}

/// Takes the qualifier off the end of `text`; whether it was there.
bool take_qualifier(std::string_view& text, std::string_view qualifier) {
  if (!text.ends_with(qualifier))
    return false;
  text.remove_suffix(qualifier.size());
  return true;
}

/// Whether the folder is the path, or above it.
bool holds(std::string_view folder, std::string_view path) {
  return folder == "/" || path == folder ||
         (path.size() > folder.size() && path[folder.size()] == '/' &&
          path.starts_with(folder));
}

/// The kind of a scope narrowed to one thing, as the scope of all of them.
std::string_view whole_kind(std::string_view kind) {
  return kind == "port" ? "ports" : kind;
}

} // namespace

std::string_view scope_name(scope which) {
  switch (which) {
  case scope::none:
    return "none";
  case scope::any:
    return "any";
  case scope::read:
    return "read";
  case scope::terminal:
    return "terminal";
  case scope::files:
    return "files";
  case scope::agent:
    return "agent";
  case scope::ports:
    return "ports";
  case scope::computer:
    return "computer";
  case scope::admin:
    break;
  }
  return "admin";
}

// -- one scope ----------------------------------------------------------------

result<scope_set::entry> scope_set::parse_entry(std::string_view text) {
  if (text.size() > max_scope_size)
    return not_a_scope(text, "over 1 KiB");
  const auto colon = text.find(':');
  const auto kind = text.substr(0, colon);
  if (colon == std::string_view::npos) {
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
      return not_a_scope(text, "unknown");
    return entry{std::string{kind}, {}, false};
  }

  auto object = text.substr(colon + 1);
  if (kind == "terminal") {
    const bool view = take_qualifier(object, ":view");
    if (!parse_terminal_id(object))
      return not_a_scope(text, "must be terminal:ID or terminal:ID:view, ID "
                               "from 1 to 255");
    return entry{std::string{kind}, std::string{object}, view};
  }
  if (kind == "files") {
    const bool view = take_qualifier(object, ":read");
    if (const auto* flaw = flaw_of_path(object))
      return not_a_scope(text, flaw);
    return entry{std::string{kind}, std::string{object}, view};
  }
  if (kind == "port") {
    if (!is_port(object))
      return not_a_scope(text, "must be port:N, N from 1 to 65535");
    return entry{std::string{kind}, std::string{object}, false};
  }
  return not_a_scope(text, "unknown");
}

bool scope_set::entry::includes(const entry& other) const {
  if (kind == "all" || *this == other)
    return true;
  if (kind == "read") // looks at everything, and `view` is looking
    return other.view;
  if (kind != whole_kind(other.kind) && kind != other.kind)
    return false;
  if (object.empty())
    return true;
  if (other.object.empty() || (view && !other.view))
    return false;
  return kind == "files" ? holds(object, other.object) : object == other.object;
}

// -- sets ---------------------------------------------------------------------

scope_set scope_set::everything() {
  scope_set out;
  out.entries_.push_back({"all", {}, false});
  return out;
}

bool scope_set::has(std::string_view kind) const {
  return std::any_of(entries_.begin(), entries_.end(), [kind](const entry& e) {
    return e.object.empty() && (e.kind == kind || e.kind == "all");
  });
}

bool scope_set::allows(scope need) const {
  if (need == scope::none)
    return true;
  return need == scope::any ? !empty() : has(scope_name(need));
}

bool scope_set::allows_some(scope need) const {
  if (need == scope::none)
    return true;
  // Whatever a scope is for, it includes looking at that.
  if (need == scope::any || need == scope::read)
    return !empty();
  const auto kind = scope_name(need);
  return std::any_of(entries_.begin(), entries_.end(), [kind](const entry& e) {
    return e.kind == "all" || whole_kind(e.kind) == kind;
  });
}

right scope_set::right_on(const entry& object) const {
  if (covers_entry(object))
    return right::use;
  auto seen = object;
  seen.view = true;
  return covers_entry(seen) ? right::view : right::none;
}

right scope_set::on_terminal(std::uint8_t id) const {
  return right_on({"terminal", std::to_string(id), false});
}

right scope_set::on_file(std::string_view path) const {
  // What is not normalised may mean another file than it says.
  return has("files") || is_normalised(path)
             ? right_on({"files", std::string{path}, false})
             : right::none;
}

std::optional<std::string> scope_set::folder_for(std::string_view path,
                                                 right wanted) const {
  if (on_file(path) < wanted)
    return std::nullopt;
  // From the top down: a parent of the path, the path itself at last.
  for (std::size_t end = 0; end != std::string_view::npos;
       end = path.find('/', end + 1)) {
    const auto folder = end == 0 ? std::string_view{"/"} : path.substr(0, end);
    if (on_file(folder) >= wanted)
      return std::string{folder};
  }
  return std::string{path};
}

bool scope_set::on_port(std::uint16_t port) const {
  return covers_entry({"port", std::to_string(port), false});
}

bool scope_set::covers_entry(const entry& wanted) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const entry& e) { return e.includes(wanted); });
}

bool scope_set::covers(const scope_set& other) const {
  return std::all_of(other.entries_.begin(), other.entries_.end(),
                     [this](const entry& e) { return covers_entry(e); });
}

std::string scope_set::to_text() const {
  std::string out;
  for (const auto& [kind, object, view] : entries_) {
    if (!out.empty())
      out += ' ';
    out += kind;
    if (!object.empty())
      out.append(":").append(object);
    if (view)
      out += kind == "files" ? ":read" : ":view";
  }
  return out;
}

/// Sorts, and leaves out what another entry includes.
void scope_set::normalise() {
  std::sort(entries_.begin(), entries_.end());
  entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
  auto all = std::exchange(entries_, {});
  for (const auto& candidate : all)
    if (std::none_of(all.begin(), all.end(), [&](const entry& other) {
          return &other != &candidate && other.includes(candidate);
        }))
      entries_.push_back(candidate);
}

result<scope_set> parse_scopes(std::string_view text) {
  scope_set out;
  while (!text.empty()) {
    const auto end = text.find_first_of(" ,");
    const auto piece = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (piece.empty())
      continue;
    if (out.entries_.size() == max_scopes)
      return error{errc::malformed, "scopes: more than 64"};
    auto read = scope_set::parse_entry(piece);
    if (!read)
      return read.error();
    out.entries_.push_back(std::move(*read));
  }
  if (out.empty())
    return error{errc::malformed, "scopes: there is none"};
  out.normalise();
  return out;
}

} // namespace outrigger
