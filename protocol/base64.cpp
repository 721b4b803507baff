#include "protocol/base64.hpp"

#include <array>
#include <cstdint>

namespace outrigger {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each character; 64 for what is none.
constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(64);
  std::uint8_t value = 0;
  for (const char c : alphabet)
    table[static_cast<unsigned char>(c)] = value++;
  return table;
}();

} // namespace

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  while (!bytes.empty()) {
    const auto group = bytes.substr(0, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 |
             (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      out += i <= group.size() ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
    bytes.remove_prefix(group.size());
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  std::size_t characters = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r')
      continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const auto value = values[static_cast<unsigned char>(c)];
    if (value == 64 || padding > 0)
      return std::nullopt;
    bits = bits << 6 | value;
    if (++characters % 4 == 0) {
      out += static_cast<char>(bits >> 16 & 255);
      out += static_cast<char>(bits >> 8 & 255);
      out += static_cast<char>(bits & 255);
    }
  }
  const auto rest = characters % 4;
  if (rest == 1 || (padding != 0 && (rest == 0 || rest + padding != 4)))
    return std::nullopt;
  if (rest >= 2)
    out += static_cast<char>(bits >> (rest == 2 ? 4 : 10) & 255);
  if (rest == 3)
    out += static_cast<char>(bits >> 2 & 255);
  return out;
}

} // namespace outrigger
