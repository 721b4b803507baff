// Bytes that tell at every place whether they are the right ones: bodies of any
// size are made and checked piece by piece.

#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace outrigger {

/// The body repeats it. Its length is a prime: nothing that is out of step by a
/// buffer's size fits.
[[nodiscard]] inline const std::string& pattern_block() {
  static const std::string block = [] {
    std::mt19937 random{1};
    std::string out(65'537, '\0');
    for (auto& c : out)
      c = static_cast<char>(random() & 0xFF);
    return out;
  }();
  return block;
}

/// What a body has from `offset` on, for as long as the block goes.
[[nodiscard]] inline std::string_view pattern_from(std::uint64_t offset) {
  const std::string_view block = pattern_block();
  return block.substr(static_cast<std::size_t>(offset % block.size()));
}

[[nodiscard]] inline std::string pattern(std::uint64_t offset,
                                         std::size_t size) {
  std::string out;
  while (out.size() < size)
    out += pattern_from(offset + out.size()).substr(0, size - out.size());
  return out;
}

[[nodiscard]] inline bool is_pattern(std::uint64_t offset,
                                     std::string_view bytes) {
  while (!bytes.empty()) {
    const auto right = pattern_from(offset).substr(0, bytes.size());
    if (!bytes.starts_with(right))
      return false;
    offset += right.size();
    bytes.remove_prefix(right.size());
  }
  return true;
}

} // namespace outrigger
