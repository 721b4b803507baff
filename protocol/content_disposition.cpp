#include "protocol/content_disposition.hpp"

#include <array>
#include <cstdio>

#include "protocol/ascii.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

/// What no file name has that is worth keeping.
bool is_dropped(std::string_view character) {
  return character == "/" || ascii::is_control(character[0]);
}

/// What a quoted string says as it is in every browser: some decode percent
/// signs in it, some understand no backslashes.
bool is_plain(std::string_view character) {
  static constexpr std::string_view special = "\"\\%";
  return character.size() == 1 && !is_dropped(character) &&
         special.find(character[0]) == std::string_view::npos;
}

/// RFC 8187 attr-char.
bool is_attribute(char c) {
  static constexpr std::string_view marks = "!#$&+-.^_`|~";
  return ascii::is_letter(c) || ascii::is_digit(c) ||
         marks.find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, char c) {
  if (is_attribute(c)) {
    out += c;
    return;
  }
  std::array<char, 4> escape{};
  std::snprintf(escape.data(), escape.size(), "%%%02X",
                static_cast<unsigned>(static_cast<unsigned char>(c)));
  out += escape.data();
}

} // namespace

std::string content_disposition(disposition how, std::string_view name) {
  std::string plain;
  std::string encoded;
  while (!name.empty()) {
    const auto size = utf8::character_length(name);
    auto character = size == 0 ? "\xef\xbf\xbd" : name.substr(0, size);
    name.remove_prefix(size == 0 ? 1 : size);
    if (is_dropped(character))
      character = "_";
    plain.append(is_plain(character) ? character : "_");
    for (const char c : character)
      append_encoded(encoded, c);
  }
  std::string out = how == disposition::in_line ? "inline" : "attachment";
  out.append("; filename=\"").append(plain);
  return out.append("\"; filename*=UTF-8''").append(encoded);
}

} // namespace outrigger
