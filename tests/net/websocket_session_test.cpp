// Upgraded connections: frames in, frames out, and how they end.

#include "tests/net/server_fixture.hpp"

#include "net/outbox.hpp"
#include "protocol/limits.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr unsigned text = 1;
constexpr unsigned binary = 2;
constexpr unsigned close_op = 8;
constexpr unsigned ping = 9;
constexpr unsigned pong = 10;

frame data(stream_id stream, std::size_t size) {
  return {frame_kind::binary, stream, "\1",
          std::make_shared<const std::string>(size, 'x')};
}

frame control(std::string json) {
  return {frame_kind::text, control_stream, std::move(json), nullptr};
}

} // namespace

// -- the upgrade --------------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "a handshake that is wrong is told why") {
  const auto [fields, status, why] =
      GENERATE(table<std::string, int, std::string>(
          {{"Sec-WebSocket-Version: 13\r\n", 400, "Sec-WebSocket-Key"},
           {"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", 400,
            "Sec-WebSocket-Key"},
           {"Sec-WebSocket-Version: 8\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            426, "Sec-WebSocket-Version: 13"}}));
  auto client = connect();
  const auto answer = exchange(
      *client, head("GET", "/ws",
                    "Connection: Upgrade\r\nUpgrade: websocket\r\n" + fields));
  CHECK(answer.status == status);
  CHECK(answer.field("Content-Type") == "application/json");
  CHECK(answer.body.find(why) != std::string::npos);
  CHECK(answer.field("Sec-WebSocket-Version") == (status == 426 ? "13" : ""));
  CHECK(behind.upgrades.empty());
}

TEST_CASE_METHOD(server_fixture, "data before the upgrade is refused") {
  auto client = connect();
  client->send(head("GET", "/ws", upgrade_fields) + "\x82\x80"
                                                    "1234");
  CHECK(reply(*client).status == 400);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.upgrades.empty());
}

TEST_CASE_METHOD(server_fixture, "an upgrade is answered as RFC 6455 says") {
  auto client = connect();
  const auto answer =
      exchange(*client, head("GET", "/ws?ext=1", upgrade_fields));
  CHECK(answer.status == 101);
  CHECK(answer.field("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  REQUIRE(behind.upgrades.size() == 1);
  CHECK(behind.upgrades[0].who.authenticated);
  CHECK(behind.upgrades[0].has_bearer);
  CHECK(behind.upgrades[0].target.find("ext") != nullptr);
}

TEST_CASE_METHOD(server_fixture, "the first subprotocol offered is echoed") {
  auto client = connect();
  const auto answer = exchange(
      *client, "GET /ws HTTP/1.1\r\nHost: localhost\r\n" + upgrade_fields +
                   "Sec-WebSocket-Protocol: Bearer, secret\r\n\r\n");
  CHECK(answer.status == 101);
  CHECK(answer.field("Sec-WebSocket-Protocol") == "Bearer");
}

TEST_CASE_METHOD(server_fixture, "a refused upgrade is answered in HTTP") {
  behind.refusal = error{errc::unsupported, "not served by this version"};
  auto client = connect();
  CHECK(exchange(*client, head("GET", "/ws", upgrade_fields)).status == 501);
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(server_fixture, "an upgrade without a key is refused") {
  auto client = connect();
  const auto answer =
      exchange(*client, head("GET", "/ws",
                             "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                             "Sec-WebSocket-Version: 13\r\n"));
  CHECK(answer.status == 400);
  CHECK(behind.sockets.empty());
}

TEST_CASE_METHOD(server_fixture, "an upgrade of another route is not one") {
  auto client = connect();
  CHECK(exchange(*client, head("GET", "/terminals", upgrade_fields)).status ==
        200);
  CHECK(behind.sockets.empty());
}

TEST_CASE_METHOD(server_fixture, "open sockets are counted") {
  CHECK(context->counted.websockets == 0);
  auto client = open_socket();
  CHECK(context->counted.websockets == 1);
  client->close();
  CHECK(run_until([&] { return context->counted.websockets == 0; }));
}

// -- frames in ----------------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "frames reach the handler in order") {
  auto client = open_socket();
  client->send_frame(binary, "\1ls");
  client->send_frame(text, "{}");
  client->send_frame(binary, "");
  REQUIRE(run_until([&] { return handler().frames.size() == 3; }));
  using seen = std::pair<frame_kind, std::string>;
  CHECK(handler().frames[0] == seen{frame_kind::binary, "\1ls"});
  CHECK(handler().frames[1] == seen{frame_kind::text, "{}"});
  CHECK(handler().frames[2] == seen{frame_kind::binary, ""});
}

TEST_CASE_METHOD(server_fixture, "a message in fragments arrives as one") {
  auto client = open_socket();
  client->send_frame(binary, "one ", false);
  client->send_frame(ping, "between");
  client->send_frame(0, "two", true);
  REQUIRE(run_until([&] { return handler().frames.size() == 1; }));
  CHECK(handler().frames[0].second == "one two");
}

TEST_CASE_METHOD(server_fixture, "a message of 1 MiB is taken") {
  auto client = open_socket();
  client->send_frame(binary, std::string(limits::max_message, 'x'));
  REQUIRE(run_until([&] { return handler().frames.size() == 1; }));
  CHECK(handler().frames[0].second.size() == limits::max_message);
}

TEST_CASE_METHOD(server_fixture, "a larger message ends the connection") {
  auto client = open_socket();
  client->send_frame(binary, std::string(limits::max_message + 1, 'x'));
  CHECK(frame_from(*client).close_code() == 1009);
  CHECK(run_until([&] { return client->ended && handler().closed == 1; }));
  CHECK(handler().frames.empty());
}

TEST_CASE_METHOD(server_fixture, "the plan says what is too large") {
  behind.max_message = 10;
  auto client = open_socket();
  client->send_frame(binary, "0123456789");
  client->send_frame(binary, "0123456789+");
  CHECK(frame_from(*client).close_code() == 1009);
  CHECK(handler().frames.size() == 1);
}

TEST_CASE_METHOD(server_fixture, "text that is not UTF-8 ends the connection") {
  auto client = open_socket();
  client->send_frame(text, "\xFF\xFE");
  CHECK(frame_from(*client).close_code() == 1007);
  CHECK(run_until([&] { return handler().closed == 1; }));
}

TEST_CASE_METHOD(server_fixture, "a frame without a mask ends the connection") {
  auto client = open_socket();
  client->send(std::string{"\x82\x01x", 3});
  CHECK(frame_from(*client).close_code() == 1002);
  CHECK(run_until([&] { return handler().closed == 1; }));
}

TEST_CASE_METHOD(server_fixture, "a ping is answered") {
  auto client = open_socket();
  client->send_frame(ping, "still there?");
  const auto answer = frame_from(*client);
  CHECK(answer.opcode == pong);
  CHECK(answer.payload == "still there?");
}

// -- reading pauses -----------------------------------------------------------

namespace {

/// Sends twice what may be unconsumed, or so many frames, of which `window` are
/// as much as may be.
class unread_fixture : public server_fixture {
public:
  static constexpr std::size_t size = limits::max_message / 2;
  static constexpr std::size_t window = limits::read_window / size;

  explicit unread_fixture(std::size_t frames = 2 * window) {
    behind.consume = false;
    client = open_socket();
    for (std::size_t i = 0; i < frames; ++i)
      client->send_frame(binary, std::string(size, 'x'));
    REQUIRE(run_until([&] { return handler().frames.size() >= window; }));
    settle();
  }

  std::unique_ptr<raw_client> client;
};

/// All that was sent has been read: nothing stands before the end.
struct full_fixture : unread_fixture {
  full_fixture() : unread_fixture{window} {}
};

} // namespace

TEST_CASE_METHOD(unread_fixture,
                 "a socket is not read while too much is unconsumed") {
  CHECK(handler().frames.size() == window);
}

TEST_CASE_METHOD(unread_fixture, "a socket is read again once it is consumed") {
  sink()->consume(size);
  REQUIRE(run_until([&] { return handler().frames.size() == window + 1; }));
  settle();
  CHECK(handler().frames.size() == window + 1);
}

TEST_CASE_METHOD(unread_fixture, "a socket that is not read is still written") {
  sink()->send(control("hello"));
  CHECK(frame_from(*client).payload == "hello");
}

TEST_CASE_METHOD(full_fixture,
                 "a client that leaves while it is not read is gone") {
  client->close();
  CHECK(run_until([&] { return handler().closed == 1; }, 10s));
}

// -- frames out ---------------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "frames reach the client whole") {
  auto client = open_socket();
  sink()->send({frame_kind::binary, 1, "\1",
                std::make_shared<const std::string>("output")});
  sink()->send({frame_kind::text, 1, "{}", nullptr});
  auto first = frame_from(*client);
  CHECK(first.opcode == binary);
  CHECK(first.payload == "\1output");
  auto second = frame_from(*client);
  CHECK(second.opcode == text);
  CHECK(second.payload == "{}");
}

TEST_CASE_METHOD(server_fixture, "a slice is one frame") {
  auto client = open_socket();
  sink()->send(data(1, limits::max_slice));
  CHECK(frame_from(*client).payload.size() == limits::max_slice + 1);
}

TEST_CASE_METHOD(server_fixture, "the handler is told which stream has room") {
  auto client = open_socket();
  sink()->send(data(7, 10));
  sink()->send(control("no news"));
  sink()->send({frame_kind::text, 7, "no news either", nullptr});
  for (int i = 0; i < 3; ++i)
    frame_from(*client);
  CHECK(handler().taken == std::vector<stream_id>{7});
}

TEST_CASE_METHOD(server_fixture, "of events it is told each one that left") {
  auto client = open_socket();
  sink()->send({frame_kind::text, first_event_stream, "{}", nullptr});
  sink()->send({frame_kind::text, first_event_stream + 3, "{}", nullptr});
  sink()->send({frame_kind::text, first_event_stream - 1, "{}", nullptr});
  for (int i = 0; i < 3; ++i)
    frame_from(*client);
  CHECK(handler().taken ==
        std::vector<stream_id>{first_event_stream, first_event_stream + 3});
}

TEST_CASE_METHOD(server_fixture, "a control frame overtakes data that waits") {
  auto client = open_socket();
  for (int i = 0; i < 10; ++i)
    sink()->send(data(1, limits::max_slice));
  sink()->send(control("first"));
  std::size_t before = 0;
  while (frame_from(*client).payload != "first")
    ++before;
  CHECK(before < 10);
}

TEST_CASE_METHOD(server_fixture, "a client that takes too little is let go") {
  auto client = open_socket();
  auto out = sink();
  for (std::size_t bytes = 0; bytes <= 2 * outbox::limit; bytes += 100'000)
    out->send(data(1, 100'000));
  std::optional<server_frame> last;
  while (!last || last->opcode != close_op)
    last = frame_from(*client);
  CHECK(last->close_code() == 1013);
  client->send_close(1013);
  CHECK(run_until([&] { return handler().closed == 1; }));
}

// -- the end ------------------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "a client's close is answered") {
  auto client = open_socket();
  client->send_close(1000);
  CHECK(frame_from(*client).close_code() == 1000);
  CHECK(run_until([&] { return client->ended && handler().closed == 1; }));
}

TEST_CASE_METHOD(server_fixture, "a client that just leaves is noticed") {
  auto client = open_socket();
  client->close();
  CHECK(run_until([&] { return handler().closed == 1; }));
}

TEST_CASE_METHOD(server_fixture, "a close has a code and a reason") {
  auto client = open_socket();
  sink()->close(close_code::unauthorized, "the token is not valid");
  const auto last = frame_from(*client);
  CHECK(last.close_code() == 4401);
  CHECK(last.payload.substr(2) == "the token is not valid");
  client->send_close(4401);
  CHECK(run_until([&] { return client->ended && handler().closed == 1; }));
}

TEST_CASE_METHOD(server_fixture,
                 "what is on the control stream is sent first") {
  auto client = open_socket();
  auto out = sink();
  out->send(data(1, 100)); // is being written
  out->send(data(1, 100)); // and this one is dropped
  out->send(control("last words"));
  out->close(close_code::normal, "");
  frame_from(*client);
  CHECK(frame_from(*client).payload == "last words");
  CHECK(frame_from(*client).close_code() == 1000);
}

TEST_CASE_METHOD(server_fixture, "after a close nothing is heard or sent") {
  auto client = open_socket();
  auto out = sink();
  out->close(close_code::normal, "");
  out->send(control("too late"));
  out->close(close_code::going_away, "again");
  client->send_frame(binary, "too late");
  CHECK(frame_from(*client).close_code() == 1000);
  settle();
  CHECK(handler().frames.empty());
  CHECK_FALSE(client->take_frame());
}

TEST_CASE_METHOD(server_fixture,
                 "a client that does not answer a close is cut") {
  auto client = open_socket();
  sink()->close(close_code::normal, "");
  CHECK(run_until([&] { return client->ended && handler().closed == 1; }, 10s));
}

TEST_CASE_METHOD(server_fixture,
                 "a sink outlives its connection without harm") {
  auto client = open_socket();
  auto out = sink();
  client->close();
  REQUIRE(run_until([&] { return handler().closed == 1; }));
  out->send(data(1, 10));
  out->consume(10);
  out->close(close_code::normal, "");
  out.reset();
  settle();
  CHECK(handler().closed == 1);
  CHECK(context->counted.websockets == 0);
}

} // namespace outrigger
