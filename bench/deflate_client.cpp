#include "bench/deflate_client.hpp"

#include <array>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/websocket.hpp>

#include "bench/socket.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;

/// More than the daemon puts into a message: see net/inbound_message.hpp.
constexpr std::size_t room = 256 * 1024;

struct deflate_client::impl {
  asio::io_context loop;
  websocket::stream<tcp::socket> ws{loop};
  std::unique_ptr<char[]> inbound =
      std::make_unique_for_overwrite<char[]>(room);
  bool compressed = false;
};

deflate_client::deflate_client(std::uint16_t port, const std::string& target,
                               bool offers)
    : impl_{std::make_unique<impl>()} {
  auto& ws = impl_->ws;
  ws.next_layer().connect({asio::ip::address_v4::loopback(), port});
  ws.next_layer().set_option(tcp::no_delay{true});
  websocket::permessage_deflate offer;
  offer.client_enable = offers;
  ws.set_option(offer);
  ws.binary(true);
  ws.auto_fragment(false);
  websocket::response_type answer;
  boost::beast::error_code ec;
  ws.handshake(answer, "127.0.0.1:" + std::to_string(port), target, ec);
  if (ec)
    throw failure{"upgrade refused: " + ec.message()};
  impl_->compressed =
      answer.count(boost::beast::http::field::sec_websocket_extensions) > 0;
}

deflate_client::deflate_client(deflate_client&&) noexcept = default;
deflate_client::~deflate_client() = default;

bool deflate_client::compressed() const {
  return impl_->compressed;
}

void deflate_client::type(std::uint8_t id, std::string_view keys) {
  const std::array<asio::const_buffer, 2> message{
      asio::buffer(&id, 1), asio::buffer(keys.data(), keys.size())};
  impl_->ws.write(message);
}

std::string_view deflate_client::read(std::uint8_t id) {
  std::size_t size = 0;
  do {
    boost::beast::error_code ec;
    size += impl_->ws.read_some(
        asio::buffer(impl_->inbound.get() + size, room - size), ec);
    if (ec)
      throw failure{"the daemon closed a WebSocket: " + ec.message()};
    if (size == room)
      throw failure{"a message is larger than the daemon's largest"};
  } while (!impl_->ws.is_message_done());
  const std::string_view message{impl_->inbound.get(), size};
  const bool output = impl_->ws.got_binary() && !message.empty() &&
                      static_cast<std::uint8_t>(message.front()) == id;
  return output ? message.substr(1) : std::string_view{};
}

void deflate_client::read_bytes(std::uint8_t id, std::uint64_t count) {
  for (std::uint64_t got = 0; got < count;)
    got += read(id).size();
}

std::uint64_t deflate_client::wire_bytes() const {
  return received_bytes(impl_->ws.next_layer().native_handle());
}

} // namespace outrigger::bench
