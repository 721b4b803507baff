#include "protocol/http_conditions.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

constexpr auto day_names = std::to_array<const char*>(
    {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"});
constexpr auto month_names =
    std::to_array<std::string_view>({"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});

/// What may be between the quotes of a tag.
bool is_tag_byte(char c) {
  return c != '"' && c != ' ' && !ascii::is_control(c);
}

/// Takes a tag off the start of a list, with its quotes; empty: there is none.
std::string_view take_tag(std::string_view& list) {
  if (!list.starts_with('"'))
    return {};
  const auto end = std::find_if_not(list.begin() + 1, list.end(), is_tag_byte);
  if (end == list.end() || *end != '"')
    return {};
  const auto size = static_cast<std::size_t>(end - list.begin()) + 1;
  const auto tag = list.substr(0, size);
  list.remove_prefix(size);
  return tag;
}

error malformed_tags() {
  return {errc::malformed, "entity tags are *, or a list in double quotes"};
}

bool has(const std::vector<std::string>& tags, std::string_view tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

} // namespace

result<entity_tags> parse_entity_tags(std::string_view field) {
  entity_tags out;
  field = ascii::trim(field);
  if (field == "*") {
    out.any = true;
    return out;
  }
  while (!field.empty()) {
    if (field.front() == ',') { // an element may be empty
      field = ascii::trim(field.substr(1));
      continue;
    }
    const bool weak = field.starts_with("W/");
    field.remove_prefix(weak ? 2 : 0);
    const auto tag = take_tag(field);
    if (tag.empty())
      return malformed_tags();
    (weak ? out.weak : out.strong).emplace_back(tag.substr(1, tag.size() - 2));
    field = ascii::trim(field);
    if (!field.empty() && field.front() != ',')
      return malformed_tags();
  }
  return out;
}

read_verdict judge_read(const request_fields& fields, std::string_view tag,
                        std::int64_t modified) {
  const auto opaque = tag.size() < 2 ? tag : tag.substr(1, tag.size() - 2);
  if (!fields.if_match.empty()) {
    const auto wanted = parse_entity_tags(fields.if_match);
    if (!wanted || !(wanted->any || has(wanted->strong, opaque)))
      return read_verdict::failed;
  } else if (const auto date = parse_http_date(fields.if_unmodified_since)) {
    if (modified > *date)
      return read_verdict::failed;
  }
  if (!fields.if_none_match.empty()) {
    const auto known = parse_entity_tags(fields.if_none_match);
    if (known &&
        (known->any || has(known->strong, opaque) || has(known->weak, opaque)))
      return read_verdict::not_modified;
  } else if (const auto date = parse_http_date(fields.if_modified_since)) {
    if (modified <= *date)
      return read_verdict::not_modified;
  }
  return read_verdict::proceed;
}

bool range_applies(std::string_view if_range, std::string_view tag) {
  return if_range.empty() || if_range == tag;
}

std::string http_date(std::int64_t unix_seconds) {
  using namespace std::chrono;
  static constexpr std::int64_t first = -62'167'219'200; // year 0
  static constexpr std::int64_t last = 253'402'300'799;  // year 9999
  const sys_seconds time{seconds{std::clamp(unix_seconds, first, last)}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss<seconds> clock{time - day};

  std::array<char, 64> out{};
  std::snprintf(
      out.data(), out.size(), "%s, %02u %.3s %04d %02d:%02d:%02d GMT",
      day_names[weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
      month_names[static_cast<unsigned>(date.month()) - 1].data(),
      static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return out.data();
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  static constexpr std::string_view shape = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != shape.size())
    return std::nullopt;
  const auto at = [&](std::size_t offset, std::size_t size) {
    // Wrong ones are found below: then it is not what http_date writes.
    return ascii::parse_decimal<unsigned>(text.substr(offset, size))
        .value_or(0);
  };
  const auto month =
      std::find(month_names.begin(), month_names.end(), text.substr(8, 3));
  if (month == month_names.end())
    return std::nullopt;
  const auto number = static_cast<unsigned>(month - month_names.begin()) + 1;
  const year_month_day date{year{static_cast<int>(at(12, 4))},
                            std::chrono::month{number}, day{at(5, 2)}};
  if (!date.ok())
    return std::nullopt;
  const sys_seconds time = sys_days{date} + hours{at(17, 2)} +
                           minutes{at(20, 2)} + seconds{at(23, 2)};
  const auto out = static_cast<std::int64_t>(time.time_since_epoch().count());
  return http_date(out) == text ? std::optional{out} : std::nullopt;
}

} // namespace outrigger
