#include "protocol/files/search_answer.hpp"

#include <algorithm>

#include "protocol/error_body.hpp"
#include "protocol/json.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

/// What a line takes in the answer besides its text, at most.
constexpr std::size_t line_overhead = 80;

constexpr std::string_view not_installed =
    "ripgrep is not installed: the daemon searches by itself, which is slower";
constexpr std::string_view installs_nothing =
    "ripgrep is not installed, and this daemon installs nothing: add your "
    "distribution's package; until then it searches by itself";

/// Without the last character if only a part of it is there.
std::string_view whole_characters(std::string_view text) {
  for (std::size_t back = 1; back < 4 && back <= text.size(); ++back) {
    const auto last = text.substr(text.size() - back);
    const bool begins = (static_cast<unsigned char>(last[0]) & 0xc0) == 0xc0;
    if (begins && utf8::character_length(last) == 0)
      return text.substr(0, text.size() - back);
    if (begins)
      break;
  }
  return text;
}

/// What a text takes in JSON.
std::size_t json_size(std::string_view text) {
  std::size_t size = text.size();
  for (const char c : text)
    size += static_cast<unsigned char>(c) < 0x20 ? 5 : c == '"' || c == '\\';
  return size;
}

void write_line(json::writer& out, const found_line& found) {
  out.open_object().field("line", found.line);
  if (found.column)
    out.field("column", *found.column);
  out.field("text", found.text);
  if (found.cut)
    out.field("truncated", true);
  out.close_object();
}

} // namespace

found_line show_line(std::uint64_t line, std::optional<std::uint64_t> column,
                     std::string_view bytes, bool cut) {
  if (!cut && bytes.ends_with('\n')) {
    bytes.remove_suffix(1);
    if (bytes.ends_with('\r'))
      bytes.remove_suffix(1);
  }
  if (bytes.size() > limits::max_search_text) {
    bytes = bytes.substr(0, limits::max_search_text);
    cut = true;
  }
  return {line, column, utf8::repaired(cut ? whole_characters(bytes) : bytes),
          cut};
}

void search_results::add(const std::string& path,
                         std::vector<found_line> lines) {
  auto end = lines.begin();
  std::size_t found = 0;
  for (; end != lines.end() && !capped_; ++end) {
    const auto size = json_size(end->text) + line_overhead;
    capped_ = (end->column && matches_ + found == max_matches_) ||
              bytes_ + size > max_bytes_;
    if (capped_)
      break;
    bytes_ += size;
    found += end->column ? 1 : 0;
  }
  lines.erase(end, lines.end());
  if (found == 0)
    return; // only what would have been beside more
  matches_ += found;
  bytes_ += path.size();
  files_.insert_or_assign(utf8::repaired(path), std::move(lines));
}

std::string search_to_json(std::string_view query, std::string_view path,
                           const search_results& found) {
  json::writer out;
  json::begin_success(out)
      .field("query", query)
      .field("path", path)
      .open_object("results");
  for (const auto& [name, lines] : found.files()) {
    out.open_array(name);
    for (const auto& line : lines)
      write_line(out, line);
    out.close_array();
  }
  out.close_object()
      .field("total_matches", found.matches())
      .field("total_files", found.files().size())
      .field("capped", found.capped());
  return out.finish();
}

std::string names_to_json(std::string_view query, std::string_view path,
                          const std::vector<std::string>& names, bool capped) {
  json::writer out;
  json::begin_success(out)
      .field("query", query)
      .field("path", path)
      .field("files", names)
      .field("total_files", names.size())
      .field("capped", capped);
  return out.finish();
}

std::string tool_to_json(const search_tool& tool) {
  json::writer out;
  json::begin_success(out).field("installed", !tool.path.empty());
  if (tool.path.empty())
    out.field("message", not_installed);
  else
    out.field("path", tool.path).field("version", tool.version);
  return out.finish();
}

std::string tool_refusal_to_json() {
  json::writer out;
  out.field("success", false)
      .field("installed", false)
      .field("error", installs_nothing)
      .field("code", code_name(errc::unsupported))
      .field("message", installs_nothing)
      .field("detail", installs_nothing)
      .field("status_code", http_status(errc::unsupported));
  return out.finish();
}

} // namespace outrigger
