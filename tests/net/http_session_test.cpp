// Requests and answers on a connection.

#include "tests/net/server_fixture.hpp"

#include "protocol/limits.hpp"

namespace outrigger {

TEST_CASE_METHOD(server_fixture, "a call is passed on and its answer sent") {
  behind.answer = rest_answer{201, R"({"id":"1"})"};
  auto client = connect();
  const auto answer =
      exchange(*client, head("POST", "/terminals/7/resize?x=1",
                             "Content-Type: application/json\r\n"
                             "Content-Length: 4\r\n") +
                            "body");
  CHECK(answer.status == 201);
  CHECK(answer.body == R"({"id":"1"})");
  CHECK(answer.field("Content-Type") == "application/json");
  REQUIRE(behind.calls.size() == 1);
  const auto& call = behind.calls[0];
  CHECK(call.matched->id == route_id::terminal_resize);
  CHECK(call.id == "7");
  CHECK(call.body == "body");
  CHECK(call.who.authenticated);
  CHECK(call.target.find("x") != nullptr);
}

TEST_CASE_METHOD(server_fixture, "an error becomes a status and a body") {
  behind.answer = error{errc::terminal_limit, "terminal limit reached: 10"};
  auto client = connect();
  const auto answer = exchange(*client, head("POST", "/terminals"));
  CHECK(answer.status == 409);
  CHECK(answer.body.find("TERMINAL_LIMIT_REACHED") != std::string::npos);
  CHECK(answer.body.find(answer.field("X-Request-Id")) != std::string::npos);
}

TEST_CASE_METHOD(server_fixture, "what is no request has its own id too") {
  auto client = connect();
  const auto first = exchange(*client, head("GET", "/terminals"));
  const auto second = exchange(*client, "garbage\r\n\r\n");
  CHECK(second.status == 400);
  CHECK_FALSE(second.field("X-Request-Id").empty());
  CHECK(second.field("X-Request-Id") != first.field("X-Request-Id"));
}

TEST_CASE_METHOD(server_fixture, "a connection serves one call after another") {
  auto client = connect();
  for (int i = 0; i < 5; ++i)
    CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
  CHECK(behind.calls.size() == 5);
  CHECK_FALSE(client->ended);
}

TEST_CASE_METHOD(server_fixture,
                 "requests sent together are answered in order") {
  auto client = connect();
  client->send(head("GET", "/terminals/1") + head("GET", "/terminals/2") +
               head("GET", "/no-such-route"));
  CHECK(reply(*client).status == 200);
  CHECK(reply(*client).status == 200);
  CHECK(reply(*client).status == 404);
  REQUIRE(behind.calls.size() == 2);
  CHECK(behind.calls[0].id == "1");
  CHECK(behind.calls[1].id == "2");
}

TEST_CASE_METHOD(server_fixture,
                 "a second request waits for the first one's answer") {
  behind.hold = true;
  auto client = connect();
  client->send(head("GET", "/terminals/1") + head("GET", "/terminals/2"));
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  settle();
  CHECK(behind.calls.size() == 1);
  behind.unanswered[0](rest_answer{200, "first"});
  CHECK(reply(*client).body == "first");
  REQUIRE(run_until([&] { return behind.calls.size() == 2; }));
}

TEST_CASE_METHOD(server_fixture, "a client that wants to close is let go") {
  auto client = connect();
  const auto answer =
      exchange(*client, head("GET", "/terminals", "Connection: close\r\n"));
  CHECK(answer.status == 200);
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(server_fixture, "a client of HTTP/1.0 is let go") {
  auto client = connect();
  client->send("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n");
  CHECK(reply(*client).status == 200);
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(server_fixture, "every answer has its own request id") {
  auto client = connect();
  const auto first = exchange(*client, head("GET", "/terminals"));
  const auto second = exchange(*client, head("GET", "/terminals"));
  CHECK_FALSE(first.field("X-Request-Id").empty());
  CHECK(first.field("X-Request-Id") != second.field("X-Request-Id"));
}

TEST_CASE_METHOD(server_fixture, "answers are not to be guessed at or kept") {
  auto client = connect();
  const auto answer = exchange(*client, head("GET", "/terminals"));
  CHECK(answer.field("X-Content-Type-Options") == "nosniff");
  CHECK(answer.field("Referrer-Policy") == "no-referrer");
  CHECK(answer.field("Cache-Control") == "no-store");
  CHECK(answer.field("Access-Control-Allow-Origin").empty());
}

TEST_CASE_METHOD(server_fixture, "without a credential nothing is passed on") {
  auto client = connect();
  const auto answer =
      exchange(*client, "GET /terminals HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(answer.status == 401);
  CHECK(answer.field("WWW-Authenticate") == "Bearer");
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a wrong method is told the right ones") {
  auto client = connect();
  const auto answer = exchange(*client, head("PATCH", "/terminals"));
  CHECK(answer.status == 405);
  CHECK(answer.field("Allow") == "GET, POST");
}

TEST_CASE_METHOD(server_fixture, "HEAD has the header of GET and no body") {
  behind.answer = rest_answer{200, "0123456789"};
  auto client = connect();
  const auto answer = exchange(*client, head("HEAD", "/terminals"), true);
  CHECK(answer.status == 200);
  CHECK(answer.field("Content-Length") == "10");
  CHECK(exchange(*client, head("GET", "/terminals")).body == "0123456789");
}

TEST_CASE_METHOD(server_fixture, "HEAD of the page has no body either") {
  auto client = connect();
  const auto answer = exchange(*client, head("HEAD", "/"), true);
  CHECK(answer.status == 200);
  CHECK(std::stoul(answer.field("Content-Length")) > 0);
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(server_fixture, "HEAD of nothing has no body") {
  auto client = connect();
  const auto answer = exchange(*client, head("HEAD", "/no-such-route"), true);
  CHECK(answer.status == 404);
  settle();
  CHECK(client->received.empty());
}

TEST_CASE_METHOD(server_fixture, "the page is served") {
  auto client = connect();
  const auto answer = exchange(*client, head("GET", "/"));
  CHECK(answer.status == 200);
  CHECK(answer.field("Content-Type") == "text/html; charset=utf-8");
  CHECK(answer.body.size() > 100);
  CHECK(answer.header.find("\r\nVary: Accept-Encoding\r\n") !=
        std::string::npos);
  CHECK(answer.header.find("\r\nVary: Origin\r\n") != std::string::npos);
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(server_fixture, "a page the client has is not sent again") {
  auto client = connect();
  const auto tag = exchange(*client, head("GET", "/")).field("ETag");
  const auto again =
      exchange(*client, head("GET", "/", "If-None-Match: " + tag + "\r\n"));
  CHECK(again.status == 304);
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(server_fixture, "a client that waits is told to continue") {
  auto client = connect();
  client->send(head("POST", "/terminals",
                    "Content-Type: application/json\r\n"
                    "Content-Length: 4\r\nExpect: 100-continue\r\n"));
  CHECK(reply(*client).status == 100);
  CHECK(behind.calls.empty());
  CHECK(exchange(*client, "body").status == 200);
  REQUIRE(behind.calls.size() == 1);
  CHECK(behind.calls[0].body == "body");
}

TEST_CASE_METHOD(server_fixture, "one who may not is not told to continue") {
  auto client = connect();
  client->send("POST /terminals HTTP/1.1\r\nHost: localhost\r\n"
               "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(reply(*client).status == 401);
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(server_fixture, "/ws is nothing but an upgrade") {
  auto client = connect();
  CHECK(exchange(*client, head("GET", "/ws")).status == 400);
}

TEST_CASE_METHOD(server_fixture, "a client that leaves early does no harm") {
  behind.hold = true;
  auto client = connect();
  client->send(head("GET", "/terminals"));
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  client->close();
  settle();
  behind.unanswered[0](rest_answer{200, "{}"});
  settle();
  auto other = connect();
  behind.hold = false;
  CHECK(exchange(*other, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(server_fixture, "a large answer arrives whole") {
  behind.answer = rest_answer{200, std::string(5'000'000, 'x')};
  auto client = connect();
  CHECK(exchange(*client, head("GET", "/terminals")).body.size() == 5'000'000);
}

TEST_CASE_METHOD(server_fixture, "what only looks ends with its client") {
  behind.hold = true;
  auto client = connect();
  client->send(head("GET", "/files/stat?path=a"));
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  const auto gone = behind.calls[0].gone;
  CHECK_FALSE(gone.stop_requested());
  client->close();
  CHECK(run_until([&] { return gone.stop_requested(); }));
  behind.unanswered[0](rest_answer{200, "{}"}); // does no harm
  behind.unanswered.clear();
  settle();
  CHECK(counted.http_connections == 0);
}

TEST_CASE_METHOD(server_fixture, "what changes something goes on") {
  behind.hold = true;
  auto client = connect();
  client->send(head("DELETE", "/files/delete?path=a"));
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  CHECK_FALSE(behind.calls[0].gone.stop_possible());
}

} // namespace outrigger
