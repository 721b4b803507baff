#include "protocol/expiry.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

constexpr std::int64_t day = 24 * 60 * 60;
constexpr std::int64_t longest = 3650 * day;

/// Seconds, at most a little more than `longest`.
std::optional<std::int64_t> parse_span(std::string_view text) {
  struct unit {
    char name;
    std::int64_t seconds;
  };
  static constexpr std::array<unit, 5> units{
      {{'s', 1}, {'m', 60}, {'h', 60 * 60}, {'d', day}, {'w', 7 * day}}};
  if (text.empty())
    return std::nullopt;
  const auto named =
      std::find_if(units.begin(), units.end(),
                   [&](const unit& each) { return each.name == text.back(); });
  text.remove_suffix(1);
  const auto count = ascii::parse_decimal<std::uint64_t>(text);
  if (named == units.end() || !count)
    return std::nullopt;
  constexpr std::uint64_t more = longest + 1;
  return static_cast<std::int64_t>(std::min(*count, more)) * named->seconds;
}

/// The last second of a day.
std::optional<std::int64_t> parse_date(std::string_view text) {
  const auto parts = ascii::split(text, '-');
  if (parts.size() != 3 || parts[0].size() != 4 || parts[1].size() != 2 ||
      parts[2].size() != 2)
    return std::nullopt;
  const auto year = ascii::parse_decimal<unsigned>(parts[0]);
  const auto month = ascii::parse_decimal<unsigned>(parts[1]);
  const auto of_month = ascii::parse_decimal<unsigned>(parts[2]);
  if (!year || !month || !of_month)
    return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month},
      std::chrono::day{*of_month}};
  if (!date.ok())
    return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count() * day + day - 1;
}

} // namespace

result<std::optional<std::int64_t>> parse_expiry(std::string_view text,
                                                 std::int64_t now) {
  if (text == "never")
    return std::optional<std::int64_t>{};
  auto end = parse_date(text);
  if (const auto span = parse_span(text))
    end = now + *span;
  if (!end)
    return error{errc::malformed,
                 "must be a time such as 30d or 12h (units: s, m, h, d, w), a "
                 "date such as 2026-12-31, or never"};
  if (*end <= now)
    return error{errc::malformed, "must be in the future"};
  if (*end - now > longest)
    return error{errc::malformed, "must be within ten years, or never"};
  return end;
}

} // namespace outrigger
