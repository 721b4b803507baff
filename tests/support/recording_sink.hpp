// RECORDING SINK: stands for a client's socket. Keeps every frame it is given
// in order, and takes them one at a time when the test says so.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/frame.hpp"

namespace outrigger {

class recording_sink final : public frame_sink {
public:
  void send(frame out) override;
  void consume(std::size_t bytes) override { consumed += bytes; }
  void close(close_code code, std::string_view reason) override;
  [[nodiscard]] bool is_pressed() const override { return pressed; }

  /// The socket takes the oldest frame that still waits. False without one.
  bool take();
  /// The socket takes frames until none waits, also those that follow.
  void take_all(const std::function<void()>& after_each);

  /// Terminal output sent so far, without the id bytes.
  [[nodiscard]] std::string output(std::uint8_t id) const;
  /// Sizes of the binary frames of a terminal, without the id bytes.
  [[nodiscard]] std::vector<std::size_t> slices(std::uint8_t id) const;
  /// Text frames sent so far.
  [[nodiscard]] std::vector<std::string> texts() const;
  /// Every frame in short: "1:data" for binary, the JSON for text.
  [[nodiscard]] std::vector<std::string> transcript() const;

  std::vector<frame> sent;
  std::size_t consumed = 0;
  bool pressed = false; // memory is short
  std::optional<close_code> closed;
  std::string reason;
  /// What the socket does when a binary frame of a stream leaves.
  std::function<void(stream_id)> on_taken;

private:
  std::size_t taken_ = 0;
};

} // namespace outrigger
