// Requests that are too large, cut short, or framed so that two readers could
// disagree.

#include "tests/net/server_fixture.hpp"

#include "protocol/limits.hpp"

namespace outrigger {
namespace {

std::string line(std::string_view name, std::size_t size) {
  return std::string{name} + ": " + std::string(size, 'x') + "\r\n";
}

/// A POST that brings JSON.
constexpr std::string_view json = "Content-Type: application/json\r\n";

/// One chunk of 64 KiB.
std::string chunk() {
  return "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
}

} // namespace

TEST_CASE_METHOD(server_fixture, "a header up to 8 KiB is read") {
  auto client = connect();
  const auto plain = head("GET", "/terminals").size();
  const auto more = line("X", limits::max_http_header - plain - 5);
  REQUIRE(head("GET", "/terminals", more).size() == limits::max_http_header);
  CHECK(exchange(*client, head("GET", "/terminals", more)).status == 200);
}

TEST_CASE_METHOD(server_fixture, "a header over 8 KiB is refused") {
  const auto size = GENERATE(8192u, 100'000u);
  auto client = connect();
  const auto answer =
      exchange(*client, head("GET", "/terminals", line("X", size)));
  CHECK(answer.status == 413);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a header of too many fields is refused") {
  std::string many;
  for (std::size_t i = 0; i < limits::max_http_fields; ++i)
    many += "X" + std::to_string(i) + ": 1\r\n";
  auto client = connect();
  client->send(head("GET", "/terminals", many));
  CHECK(reply(*client).status == 413);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a target over 4 KiB is refused") {
  auto client = connect();
  const auto target = "/terminals?x=" + std::string(limits::max_target, 'x');
  CHECK(exchange(*client, head("GET", target)).status == 400);
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a body of 1 MiB is read") {
  auto client = connect();
  const auto answer = exchange(
      *client, head("POST", "/terminals",
                    std::string{json} + "Content-Length: 1048576\r\n") +
                   std::string(limits::max_http_body, 'x'));
  CHECK(answer.status == 200);
  REQUIRE(behind.calls.size() == 1);
  CHECK(behind.calls[0].body.size() == limits::max_http_body);
}

TEST_CASE_METHOD(server_fixture, "a body over 1 MiB is refused unread") {
  auto client = connect();
  const auto answer = exchange(
      *client, head("POST", "/terminals", "Content-Length: 1048577\r\n"));
  CHECK(answer.status == 413);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a body in chunks is read") {
  auto client = connect();
  const auto answer = exchange(
      *client, head("POST", "/terminals",
                    std::string{json} + "Transfer-Encoding: chunked\r\n") +
                   "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(answer.status == 200);
  REQUIRE(behind.calls.size() == 1);
  CHECK(behind.calls[0].body == "abcde");
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(server_fixture, "chunks over 1 MiB are refused") {
  auto client = connect();
  std::string body;
  for (int i = 0; i < 17; ++i)
    body += chunk();
  const auto answer = exchange(
      *client,
      head("POST", "/terminals", "Transfer-Encoding: chunked\r\n") + body);
  CHECK(answer.status == 413);
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "what is not HTTP is refused") {
  const auto nonsense =
      GENERATE("hello\r\n\r\n", "GET\r\n\r\n", "GET /health\r\n\r\n",
               "GET /health HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
               "GET /health HTTP/1.1\r\nbroken field\r\n\r\n",
               "GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n");
  auto client = connect();
  client->send(nonsense);
  const auto answer = reply(*client);
  CHECK(answer.status == 400);
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(server_fixture,
                 "framing that can be read in two ways is refused") {
  const auto field = GENERATE(
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
      "Content-Length: 3\r\nContent-Length: 3\r\n",
      "Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3, 3\r\n",
      "Content-Length: +3\r\n", "Content-Length: -1\r\n",
      "Content-Length: 3x\r\n", "Content-Length: 99999999999999999999\r\n");
  INFO(field);
  auto client = connect();
  client->send(head("POST", "/terminals", field) + "abc" +
               head("GET", "/terminals"));
  CHECK(reply(*client).status == 400);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.empty()); // what followed was no request
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a folded field is refused") {
  auto client = connect();
  client->send(
      head("POST", "/terminals", "Transfer-Encoding:\r\n chunked\r\n") +
      "3\r\nabc\r\n0\r\n\r\n");
  CHECK(reply(*client).status == 400);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture,
                 "the rest of a refused request is no request") {
  auto client = connect();
  client->send(head("POST", "/no-such-route", "Content-Length: 100\r\n") +
               head("GET", "/terminals"));
  CHECK(reply(*client).status == 404);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a request cut short runs nothing") {
  auto client = connect();
  client->send(head("POST", "/terminals", "Content-Length: 100\r\n") + "half");
  settle();
  client->close();
  settle();
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a request may come byte by byte") {
  auto client = connect();
  for (char c : head("GET", "/terminals")) {
    client->send(std::string(1, c));
    loop.restart();
    loop.poll();
  }
  CHECK(reply(*client).status == 200);
}

} // namespace outrigger
