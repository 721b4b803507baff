#include "protocol/access_line.hpp"

#include <array>
#include <charconv>
#include <vector>

#include "protocol/log_fields.hpp"
#include "protocol/log_line.hpp"

namespace outrigger {

namespace {

double milliseconds(const access_line& line) {
  return std::chrono::duration<double, std::milli>(line.duration).count();
}

std::string one_decimal(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::fixed, 1);
  return end.ec == std::errc{} ? std::string{text.data(), end.ptr} : "0.0";
}

/// What a client chose, so that nothing in it looks like another part of the
/// line: these characters are escaped as control characters are.
std::string masked(std::string_view text, std::string_view characters) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : escape_controls(text)) {
    if (characters.find(c) == std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out.empty() ? "-" : out;
}

/// One word of the line.
std::string word(std::string_view text) {
  return masked(text, " ,");
}

std::string summary(const access_line& line) {
  return word(line.method) + ' ' + word(line.path) + ' ' +
         std::to_string(line.status);
}

} // namespace

std::string to_text(const access_line& line) {
  std::string text = summary(line);
  text += ' ' + one_decimal(milliseconds(line)) + " ms ";
  text += std::to_string(line.bytes) + " B from ";
  text += line.remote.empty() ? "unix" : word(line.remote);
  text += " as " + masked(line.who, ","); // "token 1a2b3c4d" has a blank
  if (line.protocol == access_protocol::websocket)
    text += ", closed " + std::to_string(line.close_code);
  text += ", id " + word(line.request_id);
  return text;
}

std::string to_payload(const access_line& line) {
  const bool socket = line.protocol == access_protocol::websocket;
  std::vector<log_field> fields{
      {"request_id", line.request_id},
      {"protocol", std::string_view{socket ? "websocket" : "http"}},
      {"method", line.method},
      {"path", line.path},
      {"status", std::uint64_t{line.status}},
      {"bytes", line.bytes},
      {"duration_ms", milliseconds(line)},
      {"remote", line.remote},
      {"who", line.who},
  };
  if (socket)
    fields.push_back({"close_code", std::uint64_t{line.close_code}});
  return with_fields(summary(line), fields);
}

} // namespace outrigger
