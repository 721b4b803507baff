// A request for a file, a field on each line: the file's size, Range, If-Match,
// If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Range; then the
// file's name.

#include "protocol/http_conditions.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/content_disposition.hpp"
#include "protocol/http_range.hpp"
#include "protocol/percent.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

constexpr std::string_view own = "\"v1\"";
constexpr std::int64_t modified = 784'111'777;

void check_range(std::string_view field, std::uint64_t size) {
  const auto chosen = choose_range(field, size);
  if (!chosen) {
    fuzz::require(chosen.error().code == errc::range &&
                      chosen.error().fault == file_fault::range,
                  "a range is refused for being outside");
    return;
  }
  if (!*chosen)
    return;
  const auto part = **chosen;
  fuzz::require(part.size > 0 && part.offset < size &&
                    part.size <= size - part.offset,
                "a part is within the file");
  const auto last = std::to_string(part.offset + part.size - 1);
  const auto again =
      choose_range("bytes=" + std::to_string(part.offset) + "-" + last, size);
  fuzz::require(again && *again == part, "its positions name it");
  fuzz::require(content_range(part, size) ==
                    "bytes " + std::to_string(part.offset) + "-" + last + "/" +
                        std::to_string(size),
                "an answer tells them");
}

std::string list_of(const entity_tags& tags) {
  std::string out = tags.any ? "*" : "";
  for (const auto& tag : tags.strong)
    out.append("\"").append(tag).append("\",");
  for (const auto& tag : tags.weak)
    out.append("W/\"").append(tag).append("\",");
  return out;
}

void check_tags(std::string_view field) {
  const auto tags = parse_entity_tags(field);
  if (!tags) {
    fuzz::require(tags.error().code == errc::malformed, "a refusal says why");
    return;
  }
  const auto again = parse_entity_tags(list_of(*tags));
  fuzz::require(again && *again == *tags, "a list that was read is one");
}

void check_date(std::string_view text) {
  const auto date = parse_http_date(text);
  fuzz::require(!date || http_date(*date) == text, "a date has one form alone");
}

void check_verdict(const request_fields& fields) {
  const auto verdict = judge_read(fields, own, modified);
  const auto known = parse_entity_tags(fields.if_none_match);
  const bool has_none = fields.if_match.empty() &&
                        fields.if_none_match.empty() &&
                        !parse_http_date(fields.if_modified_since) &&
                        !parse_http_date(fields.if_unmodified_since);
  fuzz::require(verdict == read_verdict::proceed || !has_none,
                "without conditions there is nothing against it");
  fuzz::require(verdict != read_verdict::failed || !fields.if_match.empty() ||
                    !fields.if_unmodified_since.empty(),
                "what fails was asked to hold");
  fuzz::require(verdict != read_verdict::proceed || !known || !known->any,
                "* is known whatever is there");
}

void check_name(std::string_view name) {
  const auto field = content_disposition(disposition::attachment, name);
  fuzz::require(std::all_of(field.begin(), field.end(),
                            [](char c) { return c >= ' ' && c <= '~'; }),
                "a field is of printable ASCII");
  fuzz::require(std::count(field.begin(), field.end(), '"') == 2 &&
                    field.find('\\') == std::string::npos,
                "a name stays within its quotes");
  const auto encoded = field.substr(field.rfind("UTF-8''") + 7);
  fuzz::require(percent_decode(encoded, false).has_value() &&
                    encoded.find_first_of(" ;,'\"") == std::string::npos,
                "the other form is encoded");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::view_of(data, size);
  const auto number = fuzz::take_line(rest);
  std::uint64_t file_size = 1000;
  std::from_chars(number.data(), number.data() + number.size(), file_size);
  request_fields fields;
  for (auto* field : {&fields.range, &fields.if_match, &fields.if_none_match,
                      &fields.if_modified_since, &fields.if_unmodified_since,
                      &fields.if_range})
    *field = fuzz::take_line(rest);
  check_range(fields.range, file_size);
  check_tags(fields.if_match);
  check_tags(fields.if_none_match);
  check_date(fields.if_modified_since);
  check_date(fields.if_unmodified_since);
  check_verdict(fields);
  fuzz::require(!range_applies(fields.if_range, own) ||
                    fields.if_range.empty() || fields.if_range == own,
                "a range is continued for the same version");
  check_name(rest);
  return 0;
}
