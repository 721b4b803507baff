#include "bench/websocket_client.hpp"

#include <algorithm>
#include <charconv>

#include <sys/socket.h>

namespace outrigger::bench {
namespace {

constexpr std::uint8_t close_frame = 8;
constexpr std::uint8_t ping_frame = 9;
constexpr std::uint8_t pong_frame = 10;

} // namespace

owned_fd open_websocket(std::uint16_t port, const std::string& target) {
  auto fd = connect_to(port);
  send_all(fd.get(), "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" +
                         std::to_string(port) +
                         "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                         "Sec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    char c = 0; // what follows the header belongs to the frames
    if (::recv(fd.get(), &c, 1, 0) != 1)
      throw failure{"the daemon closed the connection at the upgrade"};
    head += c;
  }
  if (head.rfind("HTTP/1.1 101", 0) != 0)
    throw failure{"upgrade refused: " + head.substr(0, head.find('\r'))};
  return fd;
}

bool websocket_client::receive(const output_sink& sink, std::size_t max) {
  const auto got =
      ::recv(fd(), buffer_.data(), std::min(max, buffer_.size()), 0);
  if (got <= 0)
    return false;
  parse({buffer_.data(), static_cast<std::size_t>(got)}, sink);
  return open_;
}

void websocket_client::parse(std::string_view bytes, const output_sink& sink) {
  while (!bytes.empty()) {
    if (!in_frame_)
      bytes.remove_prefix(parse_header(bytes));
    if (!in_frame_)
      return;
    const auto size = std::min<std::uint64_t>(left_, bytes.size());
    take_payload(bytes.substr(0, static_cast<std::size_t>(size)), sink);
    bytes.remove_prefix(static_cast<std::size_t>(size));
    left_ -= size;
    if (left_ == 0)
      finish_frame();
  }
}

/// Takes header bytes until the header is complete; says how many it took.
std::size_t websocket_client::parse_header(std::string_view bytes) {
  std::size_t taken = 0;
  for (;;) {
    const unsigned length = header_[1] & 0x7fU;
    const std::size_t extra = length == 127 ? 8 : length == 126 ? 2 : 0;
    if (header_size_ >= 2 && header_size_ == 2 + extra)
      break;
    if (taken == bytes.size())
      return taken;
    header_[header_size_++] = static_cast<unsigned char>(bytes[taken++]);
  }
  opcode_ = header_[0] & 0x0fU;
  left_ = header_[1] & 0x7fU;
  if (header_size_ > 2) {
    left_ = 0;
    for (std::size_t i = 2; i < header_size_; ++i)
      left_ = left_ << 8U | header_[i];
  }
  header_size_ = 0;
  in_frame_ = true;
  id_known_ = false;
  control_.clear();
  if (left_ == 0)
    finish_frame();
  return taken;
}

void websocket_client::take_payload(std::string_view piece,
                                    const output_sink& sink) {
  if (opcode_ != binary_frame) {
    control_ += piece;
    return;
  }
  if (!id_known_ && !piece.empty()) {
    id_known_ = true;
    id_ = static_cast<std::uint8_t>(piece.front());
    piece.remove_prefix(1);
  }
  if (!piece.empty())
    sink(id_, piece);
}

void websocket_client::finish_frame() {
  in_frame_ = false;
  if (opcode_ == text_frame && on_text)
    on_text(control_);
  else if (opcode_ == ping_frame)
    send_frame(fd(), pong_frame, control_);
  else if (opcode_ == close_frame)
    open_ = false;
}

void websocket_client::type(std::uint8_t id, std::string_view keys) {
  const char head = static_cast<char>(id);
  send_frame(fd(), binary_frame, {&head, 1}, keys);
}

void websocket_client::send_text(std::string_view text) {
  send_frame(fd(), text_frame, text);
}

void send_frame(int fd, std::uint8_t opcode, std::string_view head,
                std::string_view body) {
  static constexpr std::array<unsigned char, 4> mask{0x3a, 0x91, 0x5c, 0xe7};
  const auto size = head.size() + body.size();
  std::string frame;
  frame += static_cast<char>(0x80U | opcode);
  if (size < 126) {
    frame += static_cast<char>(0x80U | size);
  } else {
    frame += static_cast<char>(0x80U | 126U);
    frame += static_cast<char>(size >> 8U);
    frame += static_cast<char>(size & 0xffU);
  }
  frame.append(mask.begin(), mask.end());
  const auto begin = frame.size();
  frame.append(head).append(body);
  for (std::size_t i = 0; i < size; ++i)
    frame[begin + i] = static_cast<char>(
        static_cast<unsigned char>(frame[begin + i]) ^ mask[i % mask.size()]);
  send_all(fd, frame);
}

std::uint64_t number_field(std::string_view json, std::string_view field) {
  const auto key = '"' + std::string{field} + "\":";
  const auto at = json.find(key);
  std::uint64_t value = 0;
  if (at != std::string_view::npos)
    std::from_chars(json.data() + at + key.size(), json.data() + json.size(),
                    value);
  return value;
}

} // namespace outrigger::bench
