// How large a body of any size may be, how it has to be framed, and how slowly
// it may come.

#include "tests/net/server_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr const char* target = "/api/v1/files/a";
constexpr auto for_ever = 1h;
constexpr auto patience = 200ms;

struct small_uploads : server_fixture {
  small_uploads() : server_fixture{small()} {}

  static limits::edge_limits small() {
    limits::edge_limits out;
    out.max_body = 1024;
    out.max_upload = 100'000;
    return out;
  }
};

struct short_pauses : server_fixture {
  short_pauses() : server_fixture{impatient()} {}

  static limits::edge_limits impatient() {
    limits::edge_limits out;
    out.header_timeout = for_ever;
    out.body_timeout = patience;
    out.idle_timeout = for_ever;
    out.write_timeout = for_ever;
    return out;
  }

  /// Sends `piece` again and again until the server has had enough, or the
  /// sink has it all.
  void drip(raw_client& client, const std::string& piece,
            std::chrono::milliseconds pause) {
    auto next = clock::now();
    REQUIRE(run_until([&] {
      if (clock::now() >= next) {
        client.send(piece);
        next += pause;
      }
      return client.ended || (!behind.sinks.empty() && behind.sink().finished);
    }));
  }
};

std::string sized(const server_fixture& f, std::size_t size) {
  return f.head("PUT", target,
                "Content-Length: " + std::to_string(size) + "\r\n");
}

std::string in_chunks(const server_fixture& f) {
  return f.head("PUT", target, "Transfer-Encoding: chunked\r\n");
}

} // namespace

// -- how large ----------------------------------------------------------------

TEST_CASE_METHOD(small_uploads, "a body as large as allowed is taken") {
  auto client = connect();
  CHECK(exchange(*client, sized(*this, 100'000) + pattern(0, 100'000)).status ==
        201);
  CHECK(behind.sink().bytes == 100'000);
}

TEST_CASE_METHOD(small_uploads, "a larger one is refused unread") {
  auto client = connect();
  const auto answer = exchange(*client, sized(*this, 100'001));
  CHECK(answer.status == 413);
  CHECK(answer.body.find("100000 bytes") != std::string::npos);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(small_uploads, "one in chunks is refused where it is larger") {
  auto client = connect();
  client->send(in_chunks(*this));
  for (int i = 0; i < 4; ++i)
    client->send("61A8\r\n" +
                 pattern(25'000u * static_cast<unsigned>(i), 25'000) + "\r\n");
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().bytes == 100'000; }));
  CHECK(exchange(*client, "1\r\nx\r\n0\r\n\r\n").status == 413);
  CHECK_FALSE(behind.sink().finished);
  CHECK(run_until([&] { return behind.sink().gone && client->ended; }));
}

TEST_CASE_METHOD(small_uploads, "the limit of other bodies stays") {
  auto client = connect();
  CHECK(
      exchange(*client, head("POST", "/terminals", "Content-Length: 1025\r\n"))
          .status == 413);
  CHECK(behind.calls.empty());
}

// -- framing ------------------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "chunks that are none end an upload") {
  const auto* rest = GENERATE("x\r\n", "3\r\nabcd\r\n", "-1\r\n", "3\nabc\r\n",
                              "FFFFFFFFFFFFFFFFF\r\n", " 3\r\nabc\r\n",
                              "0\r\nX-Late: 1\r\n\r\n");
  CAPTURE(rest);
  auto client = connect();
  client->send(in_chunks(*this) + "2\r\nok\r\n" + rest +
               head("GET", "/terminals"));
  CHECK(reply(*client).status == 400);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.empty());
  REQUIRE(behind.sinks.size() == 1);
  CHECK_FALSE(behind.sink().finished);
  CHECK(run_until([&] { return behind.sink().gone; }));
  CHECK(behind.calls.size() == 1);
}

TEST_CASE_METHOD(server_fixture, "a line between chunks is not of any length") {
  auto client = connect();
  client->send(in_chunks(*this) + "2;" + std::string(200'000, 'x'));
  CHECK(reply(*client).status == 400);
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(server_fixture, "an upload cut short is not finished") {
  const bool chunks = GENERATE(false, true);
  auto client = connect();
  client->send(chunks ? in_chunks(*this) + "3\r\nabc\r\n"
                      : sized(*this, 100) + "half");
  client->end();
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.empty());
  REQUIRE(behind.sinks.size() == 1);
  CHECK_FALSE(behind.sink().finished);
  CHECK(run_until([&] { return behind.sink().gone; }));
}

// -- how slowly ---------------------------------------------------------------

TEST_CASE_METHOD(short_pauses, "an upload that does not go on is cut") {
  auto client = connect();
  client->send(sized(*this, 5'000) + pattern(0, 2'000));
  const auto begin = clock::now();
  CHECK(run_until([&] { return client->ended; }, 10s));
  CHECK(clock::now() - begin >= patience - 20ms);
  CHECK(run_until([&] { return behind.sink().gone; }));
  CHECK_FALSE(behind.sink().finished);
}

TEST_CASE_METHOD(short_pauses, "one that comes in drops is cut") {
  auto client = connect();
  client->send(sized(*this, 1'000'000));
  const auto begin = clock::now();
  drip(*client, "x", patience / 10);
  CHECK(clock::now() - begin < 10 * patience);
  CHECK_FALSE(behind.sink().finished);
}

TEST_CASE_METHOD(short_pauses, "one that goes on may take any time") {
  auto client = connect();
  client->send(sized(*this, 32 * 1024));
  const auto begin = clock::now();
  drip(*client, std::string(1024, 'x'), patience / 2);
  CHECK(clock::now() - begin > 12 * patience);
  CHECK(behind.sink().finished);
  CHECK(reply(*client).status == 201);
}

TEST_CASE_METHOD(short_pauses, "the time the sink takes is not the client's") {
  behind.next_sink.hold = true;
  auto client = connect();
  client->send(sized(*this, 6) + "abc");
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().pieces == 1; }));
  client->send("def");
  const auto end = clock::now() + 3 * patience;
  run_until([&] { return client->ended || clock::now() > end; });
  REQUIRE_FALSE(client->ended);
  behind.sink().take();
  behind.sink().take();
  REQUIRE(run_until([&] { return behind.sink().finished; }));
  const auto later = clock::now() + 3 * patience;
  run_until([&] { return client->ended || clock::now() > later; });
  REQUIRE_FALSE(client->ended);
  behind.sink().unanswered(rest_answer{201, "{}"});
  CHECK(reply(*client).status == 201);
}

TEST_CASE_METHOD(short_pauses, "nor is the time until there is a sink") {
  behind.hold = true;
  auto client = connect();
  client->send(sized(*this, 3) + "abc");
  REQUIRE(run_until([&] { return behind.unmade_sinks.size() == 1; }));
  const auto end = clock::now() + 3 * patience;
  run_until([&] { return client->ended || clock::now() > end; });
  REQUIRE_FALSE(client->ended);
  behind.unmade_sinks[0]();
  CHECK(reply(*client).status == 201);
}

} // namespace outrigger
