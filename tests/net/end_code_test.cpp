#include "net/end_code.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/websocket/error.hpp>
#include <catch2/catch.hpp>

using namespace outrigger;
namespace websocket = boost::beast::websocket;

TEST_CASE("an end counts as the code of the peer's close frame") {
  CHECK(end_code(websocket::error::closed, 1000) == 1000);
  CHECK(end_code(websocket::error::closed, 4999) == 4999);
  CHECK(end_code(websocket::error::closed, 0) == 1005);
}

TEST_CASE("an end because of what the peer sent counts as what it is told") {
  CHECK(end_code(websocket::error::message_too_big, 0) == 1009);
  CHECK(end_code(websocket::error::bad_frame_payload, 0) == 1007);
  CHECK(end_code(websocket::error::bad_unmasked_frame, 0) == 1002);
  CHECK(end_code(websocket::error::bad_opcode, 0) == 1002);
}

TEST_CASE("an end without a close frame counts as such") {
  CHECK(end_code(boost::asio::error::eof, 0) == 1006);
  CHECK(end_code(boost::asio::error::connection_reset, 0) == 1006);
}
