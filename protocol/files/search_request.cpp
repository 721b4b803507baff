#include "protocol/files/search_request.hpp"

#include <algorithm>
#include <cstdint>

#include "protocol/ascii.hpp"
#include "protocol/files/query_reader.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "search";

/// In valid UTF-8.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
      }));
}

std::string read_query(query_reader& query) {
  auto text = query.required("q");
  if (characters(text) > limits::max_search_query)
    query.fail("q", "has over 1,000 characters");
  else if (!utf8::valid(text))
    query.fail("q", "is not UTF-8");
  else if (text.find_first_of(std::string_view{"\n\r\0", 3}) !=
           std::string::npos)
    query.fail("q", "has more than one line, or a NUL");
  return text;
}

std::size_t read_max_results(query_reader& query, std::size_t otherwise) {
  const auto wanted =
      query.number("max_results", 1, INT64_MAX, std::uint64_t{otherwise});
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(wanted, limits::max_search_results));
}

std::vector<std::string> read_list(query_reader& query, std::string_view name) {
  auto list = query.list(name);
  if (list.size() > limits::max_search_patterns)
    query.fail(name, "has over 64 entries");
  for (const auto& entry : list)
    if (entry.size() > limits::max_search_pattern)
      query.fail(name, "has an entry over 256 bytes");
  return list;
}

/// "ts" and ".ts" alike. What would be a pattern is none.
std::vector<std::string> read_types(query_reader& query) {
  auto types = read_list(query, "file_types");
  for (auto& type : types) {
    if (type.starts_with('.'))
      type.erase(0, 1);
    const bool plain =
        !type.empty() && std::all_of(type.begin(), type.end(), [](char c) {
          return ascii::is_letter(c) || ascii::is_digit(c) ||
                 std::string_view{"_+-.#"}.find(c) != std::string_view::npos;
        });
    if (!plain)
      query.fail("file_types", "must be endings such as ts,go");
  }
  return types;
}

search_filter read_filter(query_reader& query) {
  search_filter filter;
  filter.include_hidden = query.flag("include_hidden", false);
  filter.no_gitignore = query.flag("no_gitignore", false);
  filter.ignore_patterns = read_list(query, "ignore_patterns");
  return filter;
}

} // namespace

result<search_request> parse_search_request(const http_target& target) {
  query_reader query{target, what};
  search_request out;
  out.pattern.text = read_query(query);
  out.pattern.case_sensitive = query.flag("case_sensitive", false);
  out.pattern.regex = query.flag("regex", false);
  out.pattern.whole_word = query.flag("whole_word", false);
  out.path = query.text("path");
  out.filter = read_filter(query);
  out.filter.file_types = read_types(query);
  out.max_results = read_max_results(query, out.max_results);
  out.context_lines = static_cast<std::size_t>(
      query.number("context_lines", 0, limits::max_search_context, 0));
  const auto longest =
      static_cast<std::uint64_t>(limits::max_search_timeout.count());
  const auto usual =
      static_cast<std::uint64_t>(limits::default_search_timeout.count());
  out.timeout =
      std::chrono::seconds{query.number("timeout", 1, longest, usual)};
  if (query.failure())
    return *query.failure();
  return out;
}

result<name_request> parse_name_request(const http_target& target) {
  query_reader query{target, what};
  name_request out;
  out.query = read_query(query);
  out.path = query.text("path");
  out.case_sensitive = query.flag("case_sensitive", false);
  out.filter = read_filter(query);
  out.max_results = read_max_results(query, out.max_results);
  if (query.failure())
    return *query.failure();
  return out;
}

} // namespace outrigger
