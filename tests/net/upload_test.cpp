// Bodies of any size: what the sink is given, when, and what becomes of the
// connection.

#include "tests/net/server_fixture.hpp"

namespace outrigger {
namespace {

/// A route whose body is stored while it comes.
constexpr const char* target = "/api/v1/files/a";

struct upload_fixture : server_fixture {
  [[nodiscard]] std::string put(std::size_t size,
                                std::string_view more = "") const {
    return head("PUT", target,
                "Content-Length: " + std::to_string(size) + "\r\n" +
                    std::string{more});
  }
  [[nodiscard]] std::string put_chunks(std::string_view more = "") const {
    return head("PUT", target,
                "Transfer-Encoding: chunked\r\n" + std::string{more});
  }
  bool goes_on(raw_client& client) {
    return exchange(client, head("GET", "/terminals")).status == 200;
  }
  bool is_cut(raw_client& client) {
    client.send(head("GET", "/terminals"));
    return run_until([&] { return client.ended; }) && client.received.empty();
  }
};

} // namespace

// -- whole bodies -------------------------------------------------------------

TEST_CASE_METHOD(upload_fixture, "a body goes into the sink as it came") {
  const auto size = GENERATE(1u, 100u, 16'384u, 16'385u, 3'000'000u);
  CAPTURE(size);
  auto client = connect();
  const auto answer = exchange(*client, put(size) + pattern(0, size));
  CHECK(answer.status == 201);
  CHECK(answer.body == R"({"stored":true})");
  CHECK(behind.sink().bytes == size);
  CHECK(behind.sink().right);
  CHECK(behind.sink().finished);
  CHECK(behind.sink().largest <= limits::max_body_piece);
  CHECK(goes_on(*client));
  CHECK(behind.sink().gone);
}

TEST_CASE_METHOD(upload_fixture, "so does one in chunks") {
  auto client = connect();
  client->send(put_chunks());
  std::uint64_t size = 0;
  for (const std::size_t chunk : {1u, 15u, 70'000u, 2u, 300'000u}) {
    std::array<char, 20> line{};
    std::snprintf(line.data(), line.size(), "%zX;ext=1\r\n", chunk);
    client->send(line.data() + pattern(size, chunk) + "\r\n");
    size += chunk;
  }
  CHECK(exchange(*client, "0\r\n\r\n").status == 201);
  CHECK(behind.sink().bytes == size);
  CHECK(behind.sink().right);
  CHECK(behind.sink().finished);
  CHECK(behind.sink().largest <= limits::max_body_piece);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(upload_fixture, "a body may come byte by byte") {
  auto client = connect();
  const bool chunks = GENERATE(false, true);
  const auto request = chunks
                           ? put_chunks() + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
                           : put(5) + "abcde";
  for (char c : request) {
    client->send(std::string(1, c));
    loop.restart();
    loop.poll();
  }
  CHECK(reply(*client).status == 201);
  CHECK(behind.sink().text == "abcde");
}

TEST_CASE_METHOD(upload_fixture,
                 "without a body the sink is finished at once") {
  const auto* fields =
      GENERATE("", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n");
  auto client = connect();
  auto request = head("PUT", target, fields);
  if (request.find("chunked") != std::string::npos)
    request += "0\r\n\r\n";
  CHECK(exchange(*client, request).status == 201);
  CHECK(behind.sink().pieces == 0);
  CHECK(behind.sink().finished);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(upload_fixture, "requests behind a body are served") {
  const bool chunks = GENERATE(false, true);
  const auto one =
      chunks ? put_chunks() + "5\r\nabcde\r\n0\r\n\r\n" : put(5) + "abcde";
  auto client = connect();
  client->send(one + one + head("GET", "/terminals") + one);
  for (const int status : {201, 201, 200, 201})
    CHECK(reply(*client).status == status);
  REQUIRE(behind.sinks.size() == 3);
  for (const auto& sink : behind.sinks)
    CHECK(sink->text == "abcde");
}

TEST_CASE_METHOD(upload_fixture, "the endpoint is told of the header") {
  auto client = connect();
  exchange(*client, put(2, "Content-Type: text/x-c++\r\nIf-Match: \"a\"\r\n"
                           "If-Match: \"b\"\r\nIf-Unmodified-Since: then\r\n") +
                        "ab");
  const auto& call = behind.calls.back();
  CHECK(call.body.empty());
  CHECK(call.id == "/a");
  CHECK(call.fields.content_type == "text/x-c++");
  CHECK(call.fields.if_match == "\"a\", \"b\"");
  CHECK(call.fields.if_unmodified_since == "then");
  CHECK(call.fields.range.empty());
  CHECK(call.fields.content_length == 2u);
  exchange(*client, put_chunks() + "0\r\n\r\n");
  CHECK_FALSE(behind.calls.back().fields.content_length);
}

TEST_CASE_METHOD(upload_fixture, "the sink's own answer may be an error") {
  behind.next_sink.answer = error{errc::conflict, "not now"};
  auto client = connect();
  CHECK(exchange(*client, put(2) + "ab").status == 409);
  CHECK(goes_on(*client)); // the body was read
}

// -- back-pressure ------------------------------------------------------------

TEST_CASE_METHOD(upload_fixture, "a sink that is busy is not pressed") {
  behind.next_sink.hold = true;
  auto client = connect();
  const std::size_t size = 32'000'000;
  client->send(put(size) + pattern(0, size));
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().pieces == 1; }));
  settle();
  CHECK(behind.sink().pieces == 1);
  CHECK(client->unsent() > size / 2); // the client's own socket is full
  auto& sink = behind.sink();
  while (sink.bytes < size) {
    const auto before = sink.pieces;
    sink.take();
    REQUIRE(run_until([&] { return sink.pieces > before; }));
  }
  CHECK_FALSE(sink.pressed);
  CHECK(sink.right);
  sink.take();
  REQUIRE(run_until([&] { return sink.finished; }));
  CHECK(sink.bytes == size);
  sink.unanswered(rest_answer{200, "late"});
  CHECK(reply(*client).body == "late");
}

TEST_CASE_METHOD(upload_fixture, "a piece is read while the sink works") {
  behind.next_sink.hold = true;
  auto client = connect();
  client->send(put(6) + "abc");
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().pieces == 1; }));
  client->send("def");
  settle();
  CHECK(behind.sink().text == "abc");
  behind.sink().take(); // the rest is there already
  CHECK(behind.sink().text == "abcdef");
}

TEST_CASE_METHOD(upload_fixture, "small pieces are gathered while it works") {
  behind.next_sink.hold = true;
  auto client = connect();
  const bool chunks = GENERATE(false, true);
  client->send(chunks ? put_chunks() + "1\r\na\r\n" : put(400'000) + "a");
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().pieces == 1; }));
  for (const std::string part : {"b", "c", "d"}) {
    client->send(chunks ? "1\r\n" + part + "\r\n" : part);
    settle();
  }
  auto& sink = behind.sink();
  sink.take();
  CHECK(sink.text == "abcd");
  CHECK(sink.pieces == 2);
  // But to no more than one piece.
  client->send(chunks ? "40000\r\n" + std::string(0x40000, 'x') + "\r\n"
                      : std::string(0x40000, 'x'));
  settle();
  sink.take();
  CHECK(sink.pieces == 3);
  CHECK(sink.largest <= limits::max_body_piece);
  CHECK(sink.largest > limits::max_body_piece / 2);
}

// -- when it is decided -------------------------------------------------------

TEST_CASE_METHOD(upload_fixture, "who waits is invited when there is a sink") {
  behind.hold = true;
  auto client = connect();
  client->send(put(4, "Expect: 100-continue\r\n"));
  REQUIRE(run_until([&] { return behind.unmade_sinks.size() == 1; }));
  settle();
  CHECK(client->received.empty());
  behind.unmade_sinks[0]();
  CHECK(reply(*client).status == 100);
  CHECK(exchange(*client, "abcd").status == 201);
  CHECK(behind.sink().text == "abcd");
}

TEST_CASE_METHOD(upload_fixture, "who waits is told no without a body") {
  behind.no_sink = error{errc::precondition, "another version"};
  auto client = connect();
  const auto answer = exchange(*client, put(4, "Expect: 100-continue\r\n"));
  CHECK(answer.status == 412);
  CHECK(answer.field("Connection") == "close");
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(upload_fixture,
                 "a refused upload's body is not taken for a request") {
  behind.no_sink = error{errc::conflict, "not this"};
  const auto* fields =
      GENERATE("Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n");
  auto client = connect();
  client->send(head("PUT", target, fields) + head("GET", "/terminals"));
  CHECK(reply(*client).status == 409);
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.empty());
  CHECK(behind.calls.size() == 1);
}

TEST_CASE_METHOD(upload_fixture,
                 "a refused upload without a body costs no connection") {
  behind.no_sink = error{errc::conflict, "not this"};
  auto client = connect();
  const auto answer = exchange(*client, head("PUT", target));
  CHECK(answer.status == 409);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(upload_fixture,
                 "without a credential nobody asks for a sink") {
  auto client = connect();
  client->send(anonymous("PUT", target, "Content-Length: 3\r\n") + "abc");
  CHECK(reply(*client).status == 401);
  CHECK(behind.calls.empty());
}

TEST_CASE_METHOD(upload_fixture, "of any type: the endpoint judges it") {
  const auto* type = GENERATE("", "Content-Type: text/plain\r\n",
                              "Content-Type: application/json\r\n",
                              "Content-Type: multipart/form-data\r\n");
  auto client = connect();
  CHECK(exchange(*client, put(2, type) + "ab").status == 201);
}

TEST_CASE_METHOD(upload_fixture, "under high load no uploads are begun") {
  const auto [memory, status] =
      GENERATE(table<std::size_t, int>({{75, 201}, {90, 503}, {99, 503}}));
  context->load.set_budget({100, 0, 0, 0});
  context->load.sample(memory, 0);
  auto client = connect();
  const auto answer = exchange(*client, put(2) + "ab");
  CHECK(answer.status == status);
  CHECK(answer.field("Retry-After").empty() == (status == 201));
  CHECK(behind.calls.size() == (status == 201 ? 1 : 0));
  CHECK(answer.field("Connection") == (status == 201 ? "" : "close"));
}

// -- ends in the middle -------------------------------------------------------

TEST_CASE_METHOD(upload_fixture, "an error of the sink is the answer") {
  behind.next_sink.refusal = error{errc::no_space, "the disk is full"};
  behind.next_sink.refuse_at = GENERATE(1u, 500'000u);
  auto client = connect();
  client->send(put(100'000'000) + pattern(0, 1'000'000));
  const auto answer = reply(*client);
  CHECK(answer.status == 507);
  CHECK(answer.field("Connection") == "close");
  CHECK_FALSE(behind.sink().finished);
  settle();
  CHECK(behind.sink().gone);
  CHECK(is_cut(*client));
}

TEST_CASE_METHOD(upload_fixture,
                 "an error of the sink while more is read is the answer too") {
  behind.next_sink.hold = true;
  auto client = connect();
  const bool chunks = GENERATE(false, true);
  client->send(chunks ? put_chunks() + "3\r\nabc\r\n" : put(1000) + "abc");
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().pieces == 1; }));
  settle(); // the next piece is waited for
  behind.sink().taken(error{errc::no_space, "the disk is full"});
  const auto answer = reply(*client);
  CHECK(answer.status == 507);
  CHECK(answer.field("Connection") == "close");
  client->send("more of it, which nobody reads");
  CHECK(is_cut(*client));
  CHECK(behind.sink().gone);
}

TEST_CASE_METHOD(upload_fixture,
                 "an error of the sink at the end costs no connection") {
  behind.next_sink.refusal = error{errc::no_space, "the disk is full"};
  behind.next_sink.refuse_at = 3;
  auto client = connect();
  CHECK(exchange(*client, put(3) + "abc").status == 507);
  CHECK_FALSE(behind.sink().finished);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(upload_fixture, "a client that leaves takes the sink along") {
  const bool chunks = GENERATE(false, true);
  auto client = connect();
  client->send(chunks ? put_chunks() + "3\r\nabc\r\n" : put(1000) + "abc");
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().pieces == 1; }));
  CHECK_FALSE(behind.sink().gone);
  client->close();
  CHECK(run_until([&] { return behind.sink().gone; }));
  CHECK_FALSE(behind.sink().finished);
  CHECK(run_until([&] { return counted.http_connections == 0; }));
}

TEST_CASE_METHOD(upload_fixture, "one that leaves while the sink works, too") {
  behind.next_sink.hold = true;
  auto client = connect();
  client->send(put(1000) + "abc");
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().pieces == 1; }));
  client->close();
  CHECK(run_until([&] { return behind.sink().gone; }));
  CHECK_FALSE(behind.sink().finished);
}

TEST_CASE_METHOD(upload_fixture, "the end of the daemon takes the sink along") {
  behind.next_sink.hold = true;
  auto client = connect();
  client->send(put(1'000'000) + pattern(0, 500'000));
  REQUIRE(run_until(
      [&] { return !behind.sinks.empty() && behind.sink().pieces == 1; }));
  settle();
  bool stopped = false;
  served->stop(std::chrono::milliseconds{0}, [&] { stopped = true; });
  REQUIRE(run_until([&] { return stopped; }));
  CHECK(behind.sink().gone);
}

} // namespace outrigger
