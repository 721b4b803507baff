#include "protocol/base64url.hpp"

#include <array>
#include <cstdint>

namespace outrigger {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The value of each character; `none` has bits that no value has.
constexpr std::uint32_t none = 64;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(static_cast<std::uint8_t>(none));
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}();

std::uint32_t value_of(char c) {
  return values[static_cast<unsigned char>(c)];
}

} // namespace

std::optional<std::string> from_base64url(std::string_view text) {
  const auto rest = text.size() % 4;
  if (rest == 1)
    return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t seen = 0; // all values, or-ed
  const auto whole = text.size() - rest;
  for (std::size_t i = 0; i < whole; i += 4) {
    const auto a = value_of(text[i]);
    const auto b = value_of(text[i + 1]);
    const auto c = value_of(text[i + 2]);
    const auto d = value_of(text[i + 3]);
    seen |= a | b | c | d;
    out += static_cast<char>(a << 2 | b >> 4);
    out += static_cast<char>(b << 4 | c >> 2);
    out += static_cast<char>(c << 6 | d);
  }
  if (rest != 0) {
    const auto a = value_of(text[whole]);
    const auto b = value_of(text[whole + 1]);
    const auto c = rest == 3 ? value_of(text[whole + 2]) : 0;
    seen |= a | b | c;
    out += static_cast<char>(a << 2 | b >> 4);
    if (rest == 3)
      out += static_cast<char>(b << 4 | c >> 2);
    const auto stray = rest == 3 ? c & 3u : b & 15u;
    if (stray != 0)
      return std::nullopt;
  }
  if ((seen & none) != 0)
    return std::nullopt;
  return out;
}

} // namespace outrigger
