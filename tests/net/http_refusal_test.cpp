// Refusals as clients see them: what is told, to whom, and whether the
// connection goes on. Pages of other origins.

#include "tests/net/server_fixture.hpp"

#include "net/penalties.hpp"

namespace outrigger {
namespace {

constexpr const char* listed = "https://ide.example";

class refusal_fixture : public server_fixture {
public:
  refusal_fixture() { context->access.origins = {listed}; }

  static std::string origin(const std::string& value) {
    return "Origin: " + value + "\r\n";
  }
  [[nodiscard]] std::string own_origin() const {
    return origin("http://127.0.0.1:" + std::to_string(port));
  }
  void load(std::size_t memory) {
    context->load.set_budget({100, 0, 0, 0});
    context->load.sample(memory, 0);
  }

  /// Whether the connection serves a further request.
  bool goes_on(raw_client& client) {
    client.send(head("GET", "/health"));
    const auto before = behind.calls.size();
    run_until([&] { return client.ended || behind.calls.size() > before; });
    return !client.ended && reply(client).status == 200;
  }
};

} // namespace

// -- the connection's fate ----------------------------------------------------

TEST_CASE_METHOD(refusal_fixture,
                 "a sound request that is refused costs no connection") {
  const auto [request, status] = GENERATE_COPY(table<std::string, int>({
      {anonymous("GET", "/terminals"), 401},
      {anonymous("GET", "/terminals?token=x"), 401},
      {head("GET", "/no-such-route"), 404},
      {head("PATCH", "/terminals"), 405},
      {head("GET", "/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
       426},
  }));
  CAPTURE(request);
  auto client = connect();
  CHECK(exchange(*client, request).status == status);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(refusal_fixture,
                 "a request that is not sound ends the connection") {
  const auto [request, status] = GENERATE_COPY(table<std::string, int>({
      {head("GET", "/terminals", "Sec-Fetch-Site: cross-site\r\n"), 403},
      {head("GET", "/terminals", origin("https://evil.example")), 403},
      {head("GET", "/%00"), 400},
      {head("GET", "/", "Upgrade: h2c\r\n"), 400},
      {head("GET", "/", "X : y\r\n"), 400},
      {head("GET", "/terminals?token=other"), 400},
      {head("GET", "/", "Host: localhost\r\n"), 400},
      {head("POST", "/terminals", "Content-Length: 10000000\r\n"), 413},
      {head("POST", "/terminals", "Expect: a miracle\r\n"), 417},
  }));
  CAPTURE(request);
  auto client = connect();
  const auto answer = exchange(*client, request);
  CHECK(answer.status == status);
  CHECK(answer.field("Connection") == "close");
  client->send(head("GET", "/terminals"));
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.empty());
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(refusal_fixture, "a refused request's body is no request") {
  const auto [request, status] = GENERATE_COPY(table<std::string, int>({
      {anonymous("POST", "/terminals", "Content-Length: 200\r\n"), 401},
      {head("POST", "/no-such-route", "Transfer-Encoding: chunked\r\n"), 404},
      {head("PATCH", "/terminals", "Content-Length: 200\r\n"), 405},
      {head("POST", "/terminals",
            "Content-Length: 200\r\n" + origin("https://evil.example")),
       403},
  }));
  CAPTURE(request);
  auto client = connect();
  client->send(request + head("GET", "/terminals") + head("GET", "/terminals"));
  const auto answer = reply(*client);
  CHECK(answer.status == status);
  CHECK(answer.field("Connection") == "close");
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.empty());
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(refusal_fixture, "a refusal has the shape of its dialect") {
  const auto [request, code,
              runtime] = GENERATE_COPY(table<std::string, std::string, bool>({
      {anonymous("GET", "/api/v1/files?path=/&token="), "EMPTY_TOKEN", true},
      {anonymous("GET", "/api/v1/files?path=/"), "MISSING_AUTH_HEADER", true},
      {anonymous("GET", "/api/v1/none?token=x"), "AUTH_ERROR", true},
      {anonymous("GET", "/terminals"), "authentication_error", false},
      {head("GET", "/api/v1/none"), "no such route", true},
      {head("GET", "/runtimes/default/api/v1/files/a"), "no such file", true},
      {head("PUT", "/terminals"), "terminal id is missing", false},
  }));
  CAPTURE(request);
  behind.answer = error{errc::not_found, "no such file"};
  auto client = connect();
  const auto answer = exchange(*client, request);
  CAPTURE(answer.body);
  CHECK(answer.body.find(code) != std::string::npos);
  CHECK((answer.body.find("\"error\":\"HTTP Error\"") != std::string::npos) ==
        runtime);
  CHECK((answer.body.find("\"success\":false") == std::string::npos) ==
        runtime);
}

// -- bodies -------------------------------------------------------------------

TEST_CASE_METHOD(refusal_fixture, "a body that is not JSON is refused") {
  const auto* type =
      GENERATE("", "Content-Type: text/plain\r\n",
               "Content-Type: application/x-www-form-urlencoded\r\n",
               "Content-Type: multipart/form-data; boundary=x\r\n",
               "Content-Type: application/json, text/plain\r\n");
  const auto* method = GENERATE("POST", "PUT");
  CAPTURE(type, method);
  auto client = connect();
  const auto answer =
      exchange(*client, head(method, "/terminals/1/resize",
                             std::string{type} + "Content-Length: 2\r\n") +
                            "{}");
  CHECK(answer.status == 415);
  CHECK(answer.body.find("unsupported_media_type") != std::string::npos);
  CHECK(behind.calls.empty());
  CHECK(goes_on(*client)); // the body was read
}

TEST_CASE_METHOD(refusal_fixture, "JSON by any of its names is taken") {
  const auto* type =
      GENERATE("application/json", "Application/JSON",
               "application/json; charset=utf-8", "application/json;x=y");
  auto client = connect();
  CHECK(exchange(*client, head("POST", "/terminals",
                               "Content-Type: " + std::string{type} +
                                   "\r\nContent-Length: 2\r\n") +
                              "{}")
            .status == 200);
}

TEST_CASE_METHOD(refusal_fixture, "without a body no type is asked for") {
  const auto* fields =
      GENERATE("", "Content-Length: 0\r\n", "Content-Type: text/plain\r\n");
  auto client = connect();
  CHECK(exchange(*client, head("POST", "/terminals", fields)).status == 200);
}

TEST_CASE_METHOD(refusal_fixture, "what comes behind a body is no header") {
  auto client = connect();
  // Judged as text/plain, a trailer must not make it JSON, nor anything else
  // that the gate did not see.
  const auto answer = exchange(
      *client, head("POST", "/terminals",
                    "Transfer-Encoding: chunked\r\nTrailer: Content-Type\r\n") +
                   "2\r\n{}\r\n0\r\nContent-Type: application/json\r\n\r\n");
  CHECK(answer.status >= 400);
  CHECK(behind.calls.empty());
}

// -- guessers and load --------------------------------------------------------

TEST_CASE_METHOD(refusal_fixture, "a guesser is told how long to wait") {
  auto client = connect();
  for (int i = 0; i < static_cast<int>(penalties::burst); ++i)
    REQUIRE(exchange(*client, anonymous("GET", "/terminals?token=x")).status ==
            401);
  const auto answer = exchange(*client, anonymous("GET", "/terminals?token=x"));
  CHECK(answer.status == 429);
  CHECK(answer.field("Retry-After") == "5");
  CHECK(answer.body.find("rate_limited") != std::string::npos);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(refusal_fixture,
                 "a thousand wrong tokens hurt nobody with the right one") {
  auto socket = open_socket();
  auto working = connect();
  for (int i = 0; i < 1000; ++i) {
    auto guesser = connect();
    const auto status =
        exchange(*guesser, anonymous("GET", "/terminals?token=x")).status;
    CHECK((status == 401 || status == 429));
    if (i % 100 == 0)
      CHECK(exchange(*working, head("GET", "/terminals")).status == 200);
  }
  CHECK(counted.denied[static_cast<std::size_t>(denial::throttled)] > 900);
  auto fresh = connect();
  CHECK(exchange(*fresh, head("GET", "/terminals")).status == 200);
  socket->send_frame(2, "still here");
  CHECK(run_until([&] { return handler().frames.size() == 1; }));
}

TEST_CASE_METHOD(refusal_fixture,
                 "under load a stranger is told when to come back") {
  load(90);
  auto client = connect();
  const auto answer = exchange(*client, anonymous("GET", "/"));
  CHECK(answer.status == 503);
  CHECK(std::stoi(answer.field("Retry-After")) > 0);
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(refusal_fixture, "under high load no terminals are started") {
  const auto [memory, status] =
      GENERATE(table<std::size_t, int>({{75, 200}, {90, 503}, {99, 503}}));
  load(memory);
  auto client = connect();
  const auto answer = exchange(*client, head("POST", "/terminals"));
  CHECK(answer.status == status);
  CHECK(behind.calls.size() == (status == 200 ? 1 : 0));
  CHECK(answer.field("Retry-After").empty() == (status == 200));
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

// -- pages of other origins ---------------------------------------------------

TEST_CASE_METHOD(refusal_fixture, "a listed origin may read the answer") {
  auto client = connect();
  const auto answer =
      exchange(*client, head("GET", "/terminals", origin(listed)));
  CHECK(answer.status == 200);
  CHECK(answer.field("Access-Control-Allow-Origin") == listed);
  CHECK(answer.field("Access-Control-Allow-Credentials").empty());
  CHECK(answer.field("Vary").find("Origin") != std::string::npos);
}

TEST_CASE_METHOD(refusal_fixture,
                 "a listed origin may read why it is refused") {
  const auto [request, status] = GENERATE_COPY(table<std::string, int>({
      {anonymous("GET", "/terminals", origin(listed)), 401},
      {head("GET", "/no-such-route", origin(listed)), 404},
  }));
  CAPTURE(request);
  auto client = connect();
  const auto answer = exchange(*client, request);
  CHECK(answer.status == status);
  CHECK(answer.field("Access-Control-Allow-Origin") == listed);
}

TEST_CASE_METHOD(refusal_fixture, "no other page may read the answer") {
  const auto fields = GENERATE_COPY(
      as<std::string>{}, "", own_origin(), origin("https://evil.example"),
      origin("null"), origin("https://ide.example.evil"),
      origin(listed) + origin(listed), origin("*"));
  CAPTURE(fields);
  auto client = connect();
  const auto answer = exchange(*client, head("GET", "/terminals", fields));
  const bool ours = fields.empty() || fields == own_origin();
  CHECK(answer.status == (ours ? 200 : 403));
  CHECK(answer.field("Access-Control-Allow-Origin").empty());
  CHECK(answer.field("Vary").find("Origin") != std::string::npos);
}

TEST_CASE_METHOD(refusal_fixture,
                 "a page's leave is not kept for the next one") {
  auto client = connect();
  exchange(*client, head("GET", "/terminals", origin(listed)));
  CHECK(exchange(*client, head("GET", "/terminals"))
            .field("Access-Control-Allow-Origin")
            .empty());
  exchange(*client, head("GET", "/terminals", origin(listed)));
  CHECK(exchange(*client, "nonsense\r\n\r\n")
            .field("Access-Control-Allow-Origin")
            .empty());
}

TEST_CASE_METHOD(refusal_fixture, "a preflight is answered without a body") {
  auto client = connect();
  const auto answer = exchange(
      *client,
      anonymous("OPTIONS", "/terminals",
                origin(listed) +
                    "Access-Control-Request-Method: POST\r\n"
                    "Access-Control-Request-Headers: content-type\r\n"));
  CHECK(answer.status == 204);
  CHECK(answer.field("Access-Control-Allow-Origin") == listed);
  CHECK(answer.field("Access-Control-Allow-Methods").find("POST") !=
        std::string::npos);
  CHECK(answer.field("Access-Control-Allow-Headers").find("Authorization") !=
        std::string::npos);
  CHECK(answer.field("Access-Control-Max-Age") == "600");
  CHECK(answer.field("Content-Length").empty()); // RFC 9110, of a 204
  CHECK(behind.calls.empty());
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(refusal_fixture, "a foreign preflight is refused") {
  const auto from = GENERATE_COPY(as<std::string>{}, "https://evil.example",
                                  "null", std::string{listed} + ".evil");
  auto client = connect();
  const auto answer = exchange(
      *client, head("OPTIONS", "/terminals",
                    origin(from) + "Access-Control-Request-Method: POST\r\n"));
  CHECK(answer.status == 403);
  CHECK(answer.field("Access-Control-Allow-Origin").empty());
  CHECK(answer.field("Access-Control-Allow-Methods").empty());
}

TEST_CASE_METHOD(refusal_fixture, "a socket of a foreign page is not opened") {
  const auto* target = GENERATE("/ws", "/oblien/ws", "/runtimes/local/ws");
  auto client = connect();
  const auto answer =
      exchange(*client, head("GET", target,
                             upgrade_fields + origin("https://evil.example")));
  CHECK(answer.status == 403);
  CHECK(behind.upgrades.empty());
}

TEST_CASE_METHOD(refusal_fixture, "who gets no socket is counted") {
  const auto [code, why] =
      GENERATE(table<errc, denial>({{errc::unauthorized, denial::missing},
                                    {errc::forbidden, denial::scope}}));
  behind.refusal = error{code, "not this one"};
  auto client = connect();
  exchange(*client, head("GET", "/ws", upgrade_fields));
  CHECK(counted.denied[static_cast<std::size_t>(why)] == 1);
}

TEST_CASE_METHOD(refusal_fixture, "a page the client has is told so in short") {
  auto client = connect();
  const auto tag = exchange(*client, head("GET", "/")).field("ETag");
  const auto again =
      exchange(*client, head("GET", "/", "If-None-Match: " + tag + "\r\n"));
  CHECK(again.status == 304);
  // 0 would be the length of the page itself.
  CHECK(again.field("Content-Length") != "0");
}

} // namespace outrigger
