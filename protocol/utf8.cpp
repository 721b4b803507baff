#include "protocol/utf8.hpp"

namespace outrigger::utf8 {

namespace {

struct lead {
  std::size_t length; // 0: cannot begin a character
  unsigned char low;  // bounds of the second byte, which alone rule out
  unsigned char high; // overlong forms, surrogates and values too large
};

lead lead_of(unsigned char c) {
  if (c < 0x80)
    return {1, 0, 0};
  if (c < 0xC2)
    return {0, 0, 0};
  if (c < 0xE0)
    return {2, 0x80, 0xBF};
  if (c < 0xF0) {
    const auto low = static_cast<unsigned char>(c == 0xE0 ? 0xA0 : 0x80);
    const auto high = static_cast<unsigned char>(c == 0xED ? 0x9F : 0xBF);
    return {3, low, high};
  }
  if (c < 0xF5) {
    const auto low = static_cast<unsigned char>(c == 0xF0 ? 0x90 : 0x80);
    const auto high = static_cast<unsigned char>(c == 0xF4 ? 0x8F : 0xBF);
    return {4, low, high};
  }
  return {0, 0, 0};
}

} // namespace

std::size_t character_length(std::string_view text) {
  if (text.empty())
    return 0;
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const auto first = lead_of(byte(0));
  if (first.length == 0 || text.size() < first.length)
    return 0;
  if (first.length > 1 && (byte(1) < first.low || byte(1) > first.high))
    return 0;
  for (std::size_t i = 2; i < first.length; ++i)
    if ((byte(i) & 0xC0) != 0x80)
      return 0;
  return first.length;
}

bool valid(std::string_view text) {
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

} // namespace outrigger::utf8
