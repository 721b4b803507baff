// FRAGMENT METER: counts the frames a WebSocket message comes in, from the raw
// bytes of the connection. Beast bounds a message's size but not the number of
// its pieces, and a million one-byte pieces cost far more than a megabyte.
//
//   bytes as they were read ─► feed ─► fragments of the unfinished message
//
// Reads frame headers only and skips payloads; judges nothing else. Part of
// one connection.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace outrigger {

class fragment_meter {
public:
  /// The next bytes of the connection, cut anywhere.
  void feed(std::string_view bytes);

  /// The most frames any one message has had so far.
  [[nodiscard]] std::size_t most() const { return most_; }

private:
  [[nodiscard]] std::size_t header_size() const;
  void header_done();

  std::array<std::uint8_t, 14> header_{};
  std::size_t have_ = 0;      // bytes of the header there are
  std::uint64_t payload_ = 0; // bytes still to skip
  std::size_t current_ = 0;   // frames of the unfinished message
  std::size_t most_ = 0;
};

} // namespace outrigger
