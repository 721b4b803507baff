// The meter against a count over the whole buffer, however the bytes are cut.
// The first byte of the input decides about the cuts.

#include "protocol/fragment_meter.hpp"

#include <algorithm>

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

/// Reads frame after frame with everything at hand.
std::size_t count(std::string_view bytes) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at]));
  };
  std::size_t most = 0;
  std::size_t current = 0;
  while (bytes.size() >= 2) {
    std::uint64_t length = byte(1) & 0x7f;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    const std::size_t header = 2 + extended + ((byte(1) & 0x80) != 0 ? 4 : 0);
    if (bytes.size() < header)
      break;
    if (extended > 0)
      length = 0;
    for (std::size_t i = 0; i < extended; ++i)
      length = length * 256 + byte(2 + i);
    const bool control = (byte(0) & 0x08) != 0;
    const bool final = (byte(0) & 0x80) != 0;
    if (!control) {
      most = std::max(most, ++current);
      if (final)
        current = 0;
    }
    bytes.remove_prefix(header);
    if (length > bytes.size())
      break;
    bytes.remove_prefix(static_cast<std::size_t>(length));
  }
  return most;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const auto bytes = fuzz::view_of(data + 1, size - 1);
  const auto wanted = count(bytes);

  fragment_meter whole;
  whole.feed(bytes);
  fuzz::require(whole.most() == wanted, "the whole is counted right");

  fragment_meter in_pieces;
  std::uint32_t state = data[0];
  std::size_t before = 0;
  for (auto rest = bytes; !rest.empty();) {
    state = state * 1664525u + 1013904223u;
    const auto piece = std::min<std::size_t>(state >> 28, rest.size());
    in_pieces.feed(rest.substr(0, piece)); // maybe nothing
    rest.remove_prefix(piece);
    fuzz::require(in_pieces.most() >= before, "the most never gets less");
    before = in_pieces.most();
  }
  fuzz::require(in_pieces.most() == wanted, "cuts change nothing");
  return 0;
}
