#include "protocol/fragment_meter.hpp"

#include <algorithm>

namespace outrigger {

namespace {

// RFC 6455 §5.2.
constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t control_bit = 0x08; // of the opcode
constexpr std::uint8_t length_bits = 0x7f;
constexpr std::size_t mask_size = 4;

} // namespace

void fragment_meter::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (payload_ > 0) {
      const auto skipped = std::min<std::uint64_t>(payload_, bytes.size());
      payload_ -= skipped;
      bytes.remove_prefix(static_cast<std::size_t>(skipped));
      continue;
    }
    header_[have_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (have_ == header_size())
      header_done();
  }
}

/// As far as the bytes that are there tell: it can still grow.
std::size_t fragment_meter::header_size() const {
  if (have_ < 2)
    return 2;
  const auto length = header_[1] & length_bits;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  return 2 + extended + ((header_[1] & mask_bit) != 0 ? mask_size : 0);
}

void fragment_meter::header_done() {
  const auto length = static_cast<std::uint8_t>(header_[1] & length_bits);
  payload_ = length;
  if (length >= 126) {
    payload_ = 0;
    for (std::size_t i = 0; i < (length == 126 ? 2u : 8u); ++i)
      payload_ = (payload_ << 8) | header_[2 + i];
  }
  have_ = 0;
  if ((header_[0] & control_bit) != 0)
    return;
  most_ = std::max(most_, ++current_);
  if ((header_[0] & final_bit) != 0)
    current_ = 0;
}

} // namespace outrigger
