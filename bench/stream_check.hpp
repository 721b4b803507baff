// STREAM CHECK: whether a viewer of lines_for_ever got every byte in its
// place: offsets contiguous but for announced gaps, and the bytes those which
// the program prints at these offsets.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/websocket_client.hpp"

namespace outrigger::bench {

class stream_check final : public source {
public:
  /// Watches terminal `id` on `socket`, which prints `ready` and then
  /// `pattern` over and over.
  stream_check(websocket_client& socket, std::uint8_t id,
               std::string_view pattern);

  [[nodiscard]] int fd() const override { return socket_.fd(); }
  bool receive(const output_sink& sink, std::size_t max) override;
  void type(std::uint8_t id, std::string_view keys) override;

  [[nodiscard]] std::uint64_t checked() const { return checked_; }
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
  [[nodiscard]] std::size_t gaps() const { return gaps_; }
  /// What was wrong first; empty: nothing.
  [[nodiscard]] const std::string& error() const { return error_; }

private:
  void heard(std::string_view text);
  void check(std::string_view bytes);
  void wrong(const std::string& what);

  websocket_client& socket_;
  std::uint8_t id_;
  std::string_view pattern_;
  std::uint64_t next_ = 0; // offset of the next byte
  std::uint64_t checked_ = 0;
  std::uint64_t skipped_ = 0;
  std::size_t gaps_ = 0;
  std::string error_;
};

} // namespace outrigger::bench
