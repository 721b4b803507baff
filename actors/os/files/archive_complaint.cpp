#include "actors/os/files/archive_complaint.hpp"

#include <cstddef>
#include <cstdint>

namespace outrigger::os {

namespace {

constexpr std::size_t max_shown = 200;

/// The length of the character that `text` begins with; 0: not UTF-8.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const auto first = byte(0);
  if (first < 0x80)
    return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size)
    return 0;
  std::uint32_t value = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return 0;
    value = (value << 6) | (byte(i) & 0x3f);
  }
  // Longer than need be, halves of UTF-16 pairs, beyond Unicode.
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool odd = value < smallest[size] || value > 0x10ffff ||
                   (value >= 0xd800 && value <= 0xdfff) ||
                   (value >= 0x80 && value < 0xa0);
  return odd ? 0 : size;
}

} // namespace

std::string shown_name(std::string_view name) {
  std::string shown = "\"";
  while (!name.empty()) {
    if (shown.size() > max_shown) {
      shown += "...";
      break;
    }
    const auto size = character_size(name);
    if (size == 0 || (size == 1 && (name[0] < 0x20 || name[0] == 0x7f)))
      shown += '?';
    else
      shown += name.substr(0, size);
    name.remove_prefix(size == 0 ? 1 : size);
  }
  return shown += '"';
}

std::error_code archive_complaint::about(std::string_view member,
                                         std::string_view what,
                                         std::error_code error) {
  if (text_.empty())
    (text_ = shown_name(member)).append(" ").append(what);
  return error;
}

std::error_code archive_complaint::about_archive(std::string_view what,
                                                 std::error_code error) {
  if (text_.empty())
    (text_ = "the archive ").append(what);
  return error;
}

} // namespace outrigger::os
