#include "protocol/log_line.hpp"

#include "protocol/json.hpp"

namespace outrigger {

std::string escape_controls(std::string_view message) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string safe;
  safe.reserve(message.size());
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      safe += c;
      continue;
    }
    safe += "\\x";
    safe += digits[byte >> 4];
    safe += digits[byte & 15];
  }
  return safe;
}

std::string log_line_json(std::string_view time, std::string_view level,
                          std::string_view message) {
  json::writer out;
  out.field("time", time).field("level", level).field("message", message);
  return out.finish();
}

} // namespace outrigger
