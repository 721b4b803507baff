// What one socket may cost: pieces, silence, time to say who it is.

#include "tests/net/server_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr unsigned text = 1;
constexpr unsigned binary = 2;
constexpr unsigned more = 0;
constexpr unsigned close_op = 8;
constexpr unsigned ping = 9;
constexpr unsigned pong = 10;

template <class Change>
limits::edge_limits changed(Change change) {
  limits::edge_limits out;
  change(out);
  return out;
}

class few_pieces : public server_fixture {
public:
  static constexpr std::size_t most = 100;

  few_pieces()
      : server_fixture{changed([](auto& l) { l.max_fragments = most; })} {}

  /// A message in so many pieces.
  static void send_in(raw_client& client, std::size_t pieces,
                      std::string_view piece) {
    for (std::size_t i = 0; i < pieces; ++i)
      client.send_frame(i == 0 ? text : more, piece, i + 1 == pieces);
  }
};

class lively : public server_fixture {
public:
  lively()
      : server_fixture{changed([](auto& l) {
          l.ping_interval = 100ms;
          l.pong_timeout = 400ms;
        })} {}
};

} // namespace

// -- pieces -------------------------------------------------------------------

TEST_CASE_METHOD(few_pieces, "a message in as many pieces as may be is taken") {
  auto client = open_socket();
  send_in(*client, most, "x");
  send_in(*client, most, "y");
  REQUIRE(run_until([&] { return handler().frames.size() == 2; }));
  CHECK(handler().frames[0].second == std::string(most, 'x'));
  CHECK_FALSE(client->ended);
}

TEST_CASE_METHOD(few_pieces, "one piece more ends the connection") {
  auto client = open_socket();
  send_in(*client, most + 1, "x");
  CHECK(frame_from(*client).close_code() == 1008);
  CHECK(handler().frames.empty());
  client->send_close(1008);
  CHECK(run_until([&] { return handler().closed == 1; }));
}

TEST_CASE_METHOD(few_pieces, "the pieces are not waited for") {
  auto client = open_socket();
  for (std::size_t i = 0; i <= most; ++i)
    client->send_frame(i == 0 ? binary : more, "x", false);
  CHECK(frame_from(*client).close_code() == 1008);
}

TEST_CASE_METHOD(few_pieces, "empty pieces are pieces") {
  auto client = open_socket();
  for (std::size_t i = 0; i <= most; ++i)
    client->send_frame(i == 0 ? binary : more, "", false);
  CHECK(frame_from(*client).close_code() == 1008);
  CHECK(run_until([&] { return handler().closed == 1; }));
}

TEST_CASE_METHOD(few_pieces, "pings between the pieces are none") {
  auto client = open_socket();
  for (std::size_t i = 0; i < most; ++i) {
    client->send_frame(i == 0 ? binary : more, "x", i + 1 == most);
    client->send_frame(pong, "");
  }
  CHECK(run_until([&] { return handler().frames.size() == 1; }));
}

TEST_CASE_METHOD(server_fixture, "a million tiny pieces cost next to nothing") {
  auto client = open_socket();
  std::string pieces;
  for (int i = 0; i < 100'000; ++i)
    pieces += std::string{i == 0 ? "\x02" : "\x00", 1} +
              std::string{"\x81\0\0\0\0x", 6};
  std::size_t most = 0;
  for (int i = 0; i < 10 && !client->ended; ++i) {
    client->send(pieces);
    run_until([&] {
      most = std::max(most, counted.queued_in);
      return client->ended || client->received.size() > 2;
    });
  }
  CHECK(frame_from(*client).close_code() == 1008);
  CHECK(most <= 2 * limits::max_message_fragments);
  CHECK(run_until([&] { return handler().closed == 1; }));
}

// -- sizes --------------------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "a frame that announces too much is refused") {
  auto client = open_socket();
  client->send(std::string{"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"
                           "abcd",
                           14});
  CHECK(frame_from(*client).close_code() == 1009);
  CHECK(counted.queued_in == 0);
}

TEST_CASE_METHOD(server_fixture,
                 "a message that is too large in pieces is too") {
  behind.max_message = 1000;
  auto client = open_socket();
  for (int i = 0; i < 11; ++i)
    client->send_frame(i == 0 ? binary : more, std::string(100, 'x'), false);
  CHECK(frame_from(*client).close_code() == 1009);
  CHECK(handler().frames.empty());
}

// -- silence ------------------------------------------------------------------

TEST_CASE_METHOD(lively, "a silent peer is pinged") {
  auto client = open_socket();
  CHECK(frame_from(*client).opcode == ping);
}

TEST_CASE_METHOD(lively, "a peer that answers pings may be silent") {
  auto client = open_socket();
  const auto end = clock::now() + 1s; // well beyond the pong timeout
  while (clock::now() < end) {
    const auto next = frame_from(*client);
    CHECK(next.opcode == ping);
    client->send_frame(pong, next.payload);
  }
  CHECK_FALSE(client->ended);
  CHECK(handler().closed == 0);
}

TEST_CASE_METHOD(lively, "a peer that answers no ping is gone") {
  auto client = open_socket();
  const auto begin = clock::now();
  CHECK(run_until([&] { return handler().closed == 1; }, 10s));
  CHECK(clock::now() - begin >= 380ms);
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(lively, "a peer that says something is not pinged") {
  auto client = open_socket();
  const auto end = clock::now() + 600ms;
  auto next = clock::now();
  REQUIRE(run_until([&] {
    if (clock::now() >= next) {
      client->send_frame(binary, "\1x");
      next += 10ms;
    }
    return client->ended || clock::now() > end;
  }));
  CHECK_FALSE(client->ended);
  CHECK(handler().frames.size() > 5);
}

// -- compression --------------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "compression is offered only when it is on") {
  const bool on = GENERATE(false, true);
  context->compression = on;
  auto client = connect();
  const auto answer =
      exchange(*client, head("GET", "/ws",
                             upgrade_fields + "Sec-WebSocket-Extensions: "
                                              "permessage-deflate; "
                                              "client_max_window_bits\r\n"));
  CHECK(answer.status == 101);
  CHECK(answer.field("Sec-WebSocket-Extensions").empty() == !on);
}

TEST_CASE_METHOD(server_fixture, "a socket's life is counted") {
  auto client = open_socket();
  client->send_frame(binary, "\1ls");
  client->send_frame(text, "{}");
  REQUIRE(run_until([&] { return handler().frames.size() == 2; }));
  sink()->send({frame_kind::text, control_stream, "answer", nullptr});
  CHECK(frame_from(*client).payload == "answer");
  CHECK(counted.messages_in == 2);
  CHECK(counted.bytes_in == 5);
  CHECK(counted.messages_out == 1);
  CHECK(counted.bytes_out == 6);
  client->send_close(1000);
  CHECK(frame_from(*client).opcode == close_op);
  REQUIRE(run_until([&] { return handler().closed == 1; }));
  CHECK(counted.closed.at(1000) == 1);
}

} // namespace outrigger
