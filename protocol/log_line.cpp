#include "protocol/log_line.hpp"

#include <algorithm>

#include "protocol/json.hpp"
#include "protocol/log_fields.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

/// Of the levels' names, and of "access".
constexpr std::size_t tag_width = 8;

void add_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

/// Whether a terminal would act on this character: C0, DEL, or C1, which in
/// UTF-8 is U+0080 to U+009F.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1)
    return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

} // namespace

std::string escape_controls(std::string_view message) {
  std::string safe;
  safe.reserve(message.size());
  while (!message.empty()) {
    const auto length = utf8::character_length(message);
    const auto next = message.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0 || is_control(next))
      add_escaped(safe, next);
    else
      safe += next;
    message.remove_prefix(next.size());
  }
  return safe;
}

std::string log_line_text(std::string_view time, std::string_view tag,
                          std::string_view payload) {
  const auto parts = split_fields(payload);
  std::string line{time};
  line += ' ';
  line += tag;
  line.append(tag_width - std::min(tag.size(), tag_width) + 1, ' ');
  line += escape_controls(parts.message);
  for (const auto& field : parts.fields) {
    line += ", ";
    line += field.name;
    line += ' ';
    line += field.value;
  }
  return line;
}

std::string log_line_json(std::string_view time, std::string_view level,
                          std::string_view logger, std::string_view payload) {
  const auto parts = split_fields(payload);
  json::writer out;
  out.field("time", time).field("level", level);
  if (!logger.empty())
    out.field("logger", logger);
  out.field("message", parts.message);
  for (const auto& field : parts.fields) {
    if (field.number)
      out.number_field(field.name, field.value);
    else
      out.field(field.name, field.value);
  }
  return out.finish();
}

} // namespace outrigger
