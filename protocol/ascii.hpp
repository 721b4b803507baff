// ASCII text as protocols use it: case, blanks, lists and decimal numbers,
// independent of any locale. For protocol/*.cpp.

#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::ascii {

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// C0 controls and DEL.
[[nodiscard]] constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

[[nodiscard]] constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return lower(c); });
  return out;
}

[[nodiscard]] inline bool equal_ignoring_case(std::string_view a,
                                              std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

/// What methods, field names and subprotocols are made of (RFC 9110 §5.6.2).
[[nodiscard]] inline bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) ||
           marks.find(c) != std::string_view::npos;
  });
}

/// Without the spaces and tabs (RFC 9110 OWS) at both ends.
[[nodiscard]] inline std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The pieces between separators, empty ones included; "" has one piece.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view text,
                                                         char separator) {
  std::vector<std::string_view> out;
  const auto cuts = std::count(text.begin(), text.end(), separator);
  out.reserve(static_cast<std::size_t>(cuts) + 1);
  for (;;) {
    const auto end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return out;
    text.remove_prefix(end + 1);
  }
}

/// Digits only: no sign, no blanks, no overflow. Leading zeros are allowed.
template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> parse_decimal(std::string_view text) {
  T out = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, out);
  if (text.empty() || failure != std::errc{} || stop != end)
    return std::nullopt;
  return out;
}

} // namespace outrigger::ascii
