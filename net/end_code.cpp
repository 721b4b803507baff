#include "net/end_code.hpp"

#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace outrigger {

std::uint16_t end_code(const boost::beast::error_code& failed,
                       std::uint16_t peer_code) {
  namespace websocket = boost::beast::websocket;
  if (failed == websocket::error::closed)
    return peer_code ? peer_code
                     : std::uint16_t{websocket::close_code::no_status};
  if (failed == websocket::error::message_too_big)
    return websocket::close_code::too_big;
  if (failed == websocket::error::bad_frame_payload)
    return websocket::close_code::bad_payload;
  if (failed == websocket::condition::protocol_violation)
    return websocket::close_code::protocol_error;
  return no_close_frame;
}

} // namespace outrigger
