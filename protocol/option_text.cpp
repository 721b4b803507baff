#include "protocol/option_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <span>

#include "protocol/ascii.hpp"
#include "protocol/utf8.hpp"

namespace outrigger::option_text {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest first, the one that takes any number last.
constexpr std::array<unit, 4> times{
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<unit, 4> sizes{{{"GiB", std::uint64_t{1} << 30},
                                     {"MiB", std::uint64_t{1} << 20},
                                     {"KiB", std::uint64_t{1} << 10},
                                     {"B", 1}}};

/// `without` is the factor of a number without a unit; 0: it needs one.
std::optional<std::uint64_t> parse(std::string_view text,
                                   std::span<const unit> units,
                                   std::uint64_t without) {
  const auto digits = std::find_if_not(
      text.begin(), text.end(), [](char c) { return ascii::is_digit(c); });
  const auto length = static_cast<std::size_t>(digits - text.begin());
  const auto number =
      ascii::parse_decimal<std::uint64_t>(text.substr(0, length));
  const auto name = text.substr(length);
  std::uint64_t factor = name.empty() ? without : 0;
  for (const auto& each : units)
    if (ascii::equal_ignoring_case(name, each.name))
      factor = each.factor;
  if (!number || factor == 0 ||
      *number > std::numeric_limits<std::uint64_t>::max() / factor)
    return std::nullopt;
  return *number * factor;
}

std::string write(std::uint64_t value, std::span<const unit> units) {
  const auto fits =
      std::find_if(units.begin(), units.end() - 1, [value](const unit& each) {
        return value != 0 && value % each.factor == 0;
      });
  return std::to_string(value / fits->factor) + std::string{fits->name};
}

} // namespace

std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (const char c : utf8::repaired(text)) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (ascii::is_control(c)) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04X",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string list_of(const std::vector<std::string>& elements) {
  std::string out{'['};
  for (const auto& element : elements)
    out += (out.size() > 1 ? ", " : "") + quoted(element);
  return out + ']';
}

std::string written(const listen_address& address) {
  if (address.is_unix())
    return "unix:" + address.unix_path;
  const bool bracketed = address.host.find(':') != std::string::npos;
  return (bracketed ? '[' + address.host + ']' : address.host) + ':' +
         std::to_string(address.port);
}

std::optional<bool> parse_bool(std::string_view text) {
  static constexpr std::array<std::string_view, 4> yes{"1", "true", "yes",
                                                       "on"};
  static constexpr std::array<std::string_view, 4> no{"0", "false", "no",
                                                      "off"};
  const auto word = ascii::lower(text);
  if (std::find(yes.begin(), yes.end(), word) != yes.end())
    return true;
  if (std::find(no.begin(), no.end(), word) != no.end())
    return false;
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto time = parse(text, times, 0);
  if (!time || *time > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>(*time)};
}

std::string written(std::chrono::milliseconds time) {
  return write(static_cast<std::uint64_t>(time.count()), times);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, sizes, 1);
}

std::string written_size(std::uint64_t bytes) {
  return write(bytes, sizes);
}

} // namespace outrigger::option_text
