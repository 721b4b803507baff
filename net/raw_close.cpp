#include "net/raw_close.hpp"

#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace outrigger {

void write_raw_close(stream& to, close_code why, std::shared_ptr<void> owner) {
  const auto code = static_cast<std::uint16_t>(why);
  // RFC 6455 §5.5.1: final, opcode 8, two bytes of payload.
  auto frame = std::make_shared<std::array<unsigned char, 4>>(
      std::array<unsigned char, 4>{0x88, 2,
                                   static_cast<unsigned char>(code >> 8),
                                   static_cast<unsigned char>(code & 0xff)});
  asio::async_write(
      to, asio::buffer(*frame),
      [&to, frame, owner = std::move(owner)](error_code, std::size_t) {
        error_code ignored;
        to.socket().shutdown(stream::socket_type::shutdown_send, ignored);
      });
}

} // namespace outrigger
