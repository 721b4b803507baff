// INBOUND MESSAGE: what has come of the message a WebSocket is receiving, and
// where its next bytes are read to.
//
// Plain messages are read to the end of the string they are collected in, in
// small steps whatever size is announced. Compressed ones are read to a room
// with more space than any message may fill: Beast 1.81 feeds the inflater the
// end of a message twice when the space for its output ends with it, takes the
// next one for broken, and ends the connection (its issue 3028). The room is
// address space; memory is what was touched of it, and a large message gives
// that back.
//
// Part of a websocket_session, on the loop.

#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>

namespace outrigger {

class inbound_message {
public:
  /// Messages may come compressed, of up to `largest` bytes.
  void expect_compressed(std::size_t largest) { largest_ = largest; }

  /// Where to read to: `wanted` bytes, or room enough. Until take_in().
  [[nodiscard]] boost::asio::mutable_buffer space(std::size_t wanted) {
    if (largest_ == 0) {
      bytes_.resize(size_ + wanted);
      return boost::asio::buffer(bytes_.data() + size_, wanted);
    }
    const auto all = largest_ + 1; // is never filled: it would be too large
    if (!room_)
      room_ = std::make_unique_for_overwrite<char[]>(all);
    return boost::asio::buffer(room_.get(), all - std::min(size_, largest_));
  }

  /// So much was read.
  void take_in(std::size_t read) {
    if (largest_ > 0)
      bytes_.append(room_.get(), read);
    else
      bytes_.resize(size_ + read); // there was space for more
    size_ += read;
    if (read > room_kept)
      room_.reset();
  }

  void clear() { static_cast<void>(take()); }

  /// The message, which is complete.
  [[nodiscard]] std::string take() {
    size_ = 0;
    return std::exchange(bytes_, {});
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
  static constexpr std::size_t room_kept = 16 * 1024;

  std::string bytes_;
  std::size_t size_ = 0; // of bytes_, what was read
  std::size_t largest_ = 0;
  std::unique_ptr<char[]> room_;
};

} // namespace outrigger
