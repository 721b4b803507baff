// WEBSOCKET CLIENT: the least that speaks the terminals dialect, over a
// blocking socket, so that it costs little beside what is measured.
//
//   daemon ── [id][bytes] ──► output_sink, in pieces as they arrive
//          ── text ─────────► on_text, whole
//
// Masks what it sends, answers pings, and knows no compression.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/socket.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {

/// Connects and upgrades; `target` is the path with its query. The frames
/// follow.
[[nodiscard]] owned_fd open_websocket(std::uint16_t port,
                                      const std::string& target);

inline constexpr std::uint8_t text_frame = 1;
inline constexpr std::uint8_t binary_frame = 2;

/// Sends one masked frame of at most 64 KiB.
void send_frame(int fd, std::uint8_t opcode, std::string_view head,
                std::string_view body = {});

class websocket_client final : public source {
public:
  websocket_client(std::uint16_t port, const std::string& target)
      : fd_{open_websocket(port, target)}, buffer_(read_size) {}

  [[nodiscard]] int fd() const override { return fd_.get(); }
  bool receive(const output_sink& sink, std::size_t max) override;
  void type(std::uint8_t id, std::string_view keys) override;
  void send_text(std::string_view text);

  /// Called with each text frame, in order with the output around it.
  std::function<void(std::string_view text)> on_text;

private:
  void parse(std::string_view bytes, const output_sink& sink);
  std::size_t parse_header(std::string_view bytes);
  void take_payload(std::string_view piece, const output_sink& sink);
  void finish_frame();

  owned_fd fd_;
  std::vector<char> buffer_;
  std::array<unsigned char, 10> header_{};
  std::size_t header_size_ = 0;
  bool in_frame_ = false;
  std::uint8_t opcode_ = 0;
  std::uint64_t left_ = 0; // payload bytes of the frame still to come
  bool id_known_ = false;
  std::uint8_t id_ = 0;
  std::string control_; // payload of a text or control frame so far
  bool open_ = true;
};

/// The value of the number `field` of a flat JSON object; 0 if there is none.
[[nodiscard]] std::uint64_t number_field(std::string_view json,
                                         std::string_view field);

} // namespace outrigger::bench
