// How long a connection may take for what it does, and how often it may ask.

#include "tests/net/server_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// Longer than any of these tests may take.
constexpr auto for_ever = 1h;

limits::edge_limits patient() {
  limits::edge_limits out;
  out.header_timeout = for_ever;
  out.body_timeout = for_ever;
  out.idle_timeout = for_ever;
  out.write_timeout = for_ever;
  out.slowest_answer = std::size_t{1} << 40; // its length buys no time
  return out;
}

template <auto Limit>
limits::edge_limits impatient(std::chrono::milliseconds patience) {
  auto out = patient();
  out.*Limit = patience;
  return out;
}

constexpr auto patience = 200ms;

/// One of the limits is short, the others never matter.
template <auto Limit>
class one_limit : public server_fixture {
public:
  one_limit() : server_fixture{impatient<Limit>(patience)} {}

  /// Whether the server ends the connection, and not before its time.
  bool is_cut(raw_client& client) {
    const auto begin = clock::now();
    const bool ended = run_until([&] { return client.ended; }, 10s);
    CHECK(clock::now() - begin >= patience - 20ms);
    return ended;
  }
  /// Whether it is still served when the limit has passed twice.
  bool outlives(raw_client& client) {
    const auto end = clock::now() + 2 * patience;
    run_until([&] { return client.ended || clock::now() > end; });
    return !client.ended;
  }
};

using edge_limits = limits::edge_limits;
using short_header = one_limit<&edge_limits::header_timeout>;
using short_body = one_limit<&edge_limits::body_timeout>;
using short_idle = one_limit<&edge_limits::idle_timeout>;
using short_write = one_limit<&edge_limits::write_timeout>;

std::string post_of(const server_fixture& f, std::size_t size) {
  return f.head("POST", "/terminals",
                "Content-Type: application/json\r\nContent-Length: " +
                    std::to_string(size) + "\r\n");
}

} // namespace

// -- the header ---------------------------------------------------------------

TEST_CASE_METHOD(short_header, "one that sends nothing is cut") {
  auto client = connect();
  CHECK(is_cut(*client));
}

TEST_CASE_METHOD(short_header, "a header that does not end is cut") {
  auto client = connect();
  client->send("GET / HTTP/1.1\r\nHost: localhost\r\n");
  CHECK(is_cut(*client));
  CHECK(client->received.empty());
}

TEST_CASE_METHOD(short_header, "drops do not keep a header alive") {
  auto client = connect();
  client->send("GET / HTTP/1.1\r\n");
  const auto begin = clock::now();
  auto next = begin;
  REQUIRE(run_until(
      [&] {
        if (clock::now() >= next) {
          client->send("X: y\r\n");
          next += 10ms;
        }
        return client->ended;
      },
      10s));
  CHECK(clock::now() - begin < 20 * patience);
}

TEST_CASE_METHOD(short_header,
                 "a header on a connection that was served is no different") {
  auto client = connect();
  REQUIRE(exchange(*client, head("GET", "/terminals")).status == 200);
  client->send("GET / HTTP/1.1\r\n");
  CHECK(is_cut(*client)); // by the header's limit: idle it could be for ever
}

TEST_CASE_METHOD(short_header, "nor is one that came with the one before") {
  auto client = connect();
  client->send(head("GET", "/terminals") + "GET / HTTP/1.1\r\n");
  REQUIRE(reply(*client).status == 200);
  CHECK(is_cut(*client));
}

TEST_CASE_METHOD(short_header, "a served connection may be idle for longer") {
  auto client = connect();
  REQUIRE(exchange(*client, head("GET", "/terminals")).status == 200);
  CHECK(outlives(*client));
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(short_header, "an answer may take longer than a header") {
  behind.hold = true;
  auto client = connect();
  client->send(head("GET", "/terminals"));
  REQUIRE(run_until([&] { return behind.unanswered.size() == 1; }));
  CHECK(outlives(*client));
  behind.unanswered[0](rest_answer{200, "late"});
  CHECK(reply(*client).body == "late");
}

TEST_CASE_METHOD(short_header, "a body may take longer than a header") {
  auto client = connect();
  client->send(post_of(*this, 4) + "ab");
  CHECK(outlives(*client));
  CHECK(exchange(*client, "cd").status == 200);
}

// -- idle ---------------------------------------------------------------------

TEST_CASE_METHOD(short_idle,
                 "a connection without a further request is closed") {
  auto client = connect();
  REQUIRE(exchange(*client, head("GET", "/terminals")).status == 200);
  CHECK(is_cut(*client));
}

TEST_CASE_METHOD(short_idle,
                 "the first request may take longer than idleness") {
  auto client = connect();
  CHECK(outlives(*client));
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(short_idle, "a request that has begun is not idle") {
  auto client = connect();
  REQUIRE(exchange(*client, head("GET", "/terminals")).status == 200);
  const auto request = head("GET", "/terminals");
  client->send(request.substr(0, 20));
  CHECK(outlives(*client));
  CHECK(exchange(*client, request.substr(20)).status == 200);
}

// -- the body -----------------------------------------------------------------

TEST_CASE_METHOD(short_body, "a body that does not go on is cut") {
  auto client = connect();
  client->send(post_of(*this, 4) + "ab");
  CHECK(is_cut(*client));
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(short_body,
                 "one that was told to continue and does not is cut") {
  auto client = connect();
  client->send(head("POST", "/terminals",
                    "Content-Type: application/json\r\n"
                    "Content-Length: 4\r\nExpect: 100-continue\r\n"));
  REQUIRE(reply(*client).status == 100);
  CHECK(is_cut(*client));
}

TEST_CASE_METHOD(short_body, "a body that goes on slowly may take its time") {
  auto client = connect();
  client->send(post_of(*this, 11));
  const auto begin = clock::now();
  auto next = begin;
  std::size_t sent = 0;
  REQUIRE(run_until([&] {
    if (sent < 11 && clock::now() >= next) {
      client->send("x");
      ++sent;
      next += patience / 5;
    }
    return client->ended || !behind.calls.empty();
  }));
  CHECK(reply(*client).status == 200);
  CHECK(clock::now() - begin > patience);
}

TEST_CASE_METHOD(short_body, "a body that goes on for ever may not") {
  auto client = connect();
  client->send(post_of(*this, 1'000'000));
  const auto begin = clock::now();
  auto next = begin;
  REQUIRE(run_until([&] {
    if (clock::now() >= next) {
      client->send("x");
      next += patience / 5;
    }
    return client->ended;
  }));
  CHECK(clock::now() - begin > 2 * patience);
  CHECK(behind.calls.empty());
}

// -- the answer ---------------------------------------------------------------

TEST_CASE_METHOD(short_write, "an answer that nobody takes is cut") {
  behind.answer = rest_answer{200, std::string(50'000'000, 'x')};
  auto client = connect(true);
  client->send(head("GET", "/terminals"));
  client->stop_reading();
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  CHECK(counted.http_connections == 1);
  CHECK(run_until([&] { return counted.http_connections == 0; }, 10s));
}

TEST_CASE_METHOD(short_write,
                 "one that is taken slowly may take its time, but not all") {
  behind.answer = rest_answer{200, std::string(50'000'000, 'x')};
  auto client = connect(true);
  client->send(head("GET", "/terminals"));
  client->stop_reading();
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  const auto begin = clock::now();
  auto next = begin;
  REQUIRE(run_until([&] {
    if (clock::now() >= next) {
      client->read_once();
      next += patience / 10;
    }
    return counted.http_connections == 0;
  }));
  CHECK(clock::now() - begin > 5 * patience);
  CHECK(client->received.size() < 50'000'000);
}

TEST_CASE_METHOD(short_write, "time without a request is not an answer's") {
  auto client = connect();
  CHECK(outlives(*client));
  REQUIRE(exchange(*client, head("GET", "/terminals")).status == 200);
  CHECK(outlives(*client));
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

// -- how often ----------------------------------------------------------------

namespace {

struct three_requests : server_fixture {
  three_requests() : server_fixture{limits_of()} {}

  static limits::edge_limits limits_of() {
    limits::edge_limits out;
    out.max_requests = 3;
    return out;
  }
};

} // namespace

TEST_CASE_METHOD(three_requests, "a connection may ask so often") {
  auto client = connect();
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
  CHECK(exchange(*client, anonymous("GET", "/terminals")).status == 401);
  const auto last = exchange(*client, head("GET", "/terminals"));
  CHECK(last.status == 200);
  CHECK(last.field("Connection") == "close");
  client->send(head("GET", "/terminals"));
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.calls.size() == 2);
}

} // namespace outrigger
