// Answers that are made while they are sent.

#include "tests/net/server_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// What a source was asked for, and what the test says.
struct source_record {
  std::function<void(result<std::string>)> waiting; // for the next piece
  std::size_t asked = 0;
  bool pressed = false; // asked again before it had answered
  bool gone = false;

  void give(result<std::string> piece) {
    std::exchange(waiting, nullptr)(std::move(piece));
  }
};

/// Gives what the test says, when it says so.
class held_source final : public body_source {
public:
  explicit held_source(std::shared_ptr<source_record> record)
      : record_{std::move(record)} {}
  ~held_source() override {
    record_->gone = true;
    record_->waiting = nullptr;
  }
  void next(std::function<void(result<std::string>)> piece) override {
    record_->pressed = record_->pressed || record_->waiting;
    ++record_->asked;
    record_->waiting = std::move(piece);
  }

private:
  std::shared_ptr<source_record> record_;
};

/// Gives pieces of the pattern at once.
class ready_source final : public body_source {
public:
  ready_source(std::size_t pieces, std::size_t size)
      : left_{pieces}, size_{size} {}

  std::uint64_t given = 0;
  void next(std::function<void(result<std::string>)> piece) override {
    if (left_ == 0)
      return piece(std::string{});
    --left_;
    given += size_;
    piece(pattern(given - size_, size_));
  }

private:
  std::size_t left_;
  std::size_t size_;
};

struct source_fixture : server_fixture {
  std::shared_ptr<source_record> offer() {
    auto record = std::make_shared<source_record>();
    behind.answer = of(std::make_shared<held_source>(record));
    return record;
  }
  static rest_answer of(std::shared_ptr<body_source> source) {
    rest_answer out{200};
    out.type = "application/x-ndjson";
    out.source = std::move(source);
    return out;
  }
  /// The endpoint keeps its answer otherwise, and the source with it.
  void forget() { behind.answer = rest_answer{200, "{}"}; }

  std::unique_ptr<raw_client> ask(const char* method = "GET") {
    auto client = connect();
    client->send(head(method, "/files/stream"));
    REQUIRE(run_until([&] { return !behind.calls.empty(); }));
    forget();
    return client;
  }
  bool goes_on(raw_client& client) {
    return exchange(client, head("GET", "/terminals")).status == 200;
  }
  /// The bytes that come until there is `end`.
  std::string until(raw_client& client, const std::string& end) {
    REQUIRE(run_until([&] {
      return client.ended || client.received.find(end) != std::string::npos;
    }));
    return std::exchange(client.received, {});
  }
};

/// What chunks carry; the rest of `bytes` behind them.
std::string unchunked(std::string& bytes) {
  std::string out;
  for (;;) {
    const auto line = bytes.find("\r\n");
    REQUIRE(line != std::string::npos);
    const auto size = std::stoul(bytes.substr(0, line), nullptr, 16);
    REQUIRE(bytes.size() >= line + 2 + size + 2);
    out += bytes.substr(line + 2, size);
    CHECK(bytes.substr(line + 2 + size, 2) == "\r\n");
    bytes.erase(0, line + 2 + size + 2);
    if (size == 0)
      return out;
  }
}

} // namespace

TEST_CASE_METHOD(source_fixture, "pieces go out in order, as they come") {
  const auto source = offer();
  auto client = ask();
  const auto answer = reply(*client);
  CHECK(answer.status == 200);
  CHECK(answer.field("Transfer-Encoding") == "chunked");
  CHECK(answer.field("Content-Type") == "application/x-ndjson");
  CHECK(answer.field("Content-Length").empty());
  CHECK(answer.field("Connection").empty());
  for (const std::string line : {"first", "second one", "3"}) {
    source->give(line);
    CHECK(until(*client, line + "\r\n").ends_with("\r\n" + line + "\r\n"));
  }
  CHECK_FALSE(source->gone);
  source->give(std::string{});
  CHECK(until(*client, "0\r\n\r\n") == "0\r\n\r\n");
  settle();
  CHECK(source->gone);
  CHECK(source->asked == 4);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(source_fixture, "a source may answer at once") {
  const auto pieces = GENERATE(0u, 1u, 3u, 50u);
  behind.answer = of(std::make_shared<ready_source>(pieces, 100'000));
  auto client = connect();
  client->send(head("GET", "/files/stream") + head("GET", "/health"));
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  forget();
  REQUIRE(reply(*client).status == 200);
  auto body = until(*client, "0\r\n\r\nHTTP/1.1 200 OK");
  const auto whole = unchunked(body);
  CHECK(whole.size() == pieces * 100'000);
  CHECK(is_pattern(0, whole));
}

TEST_CASE_METHOD(source_fixture, "HEAD asks for no piece") {
  const auto source = offer();
  auto client = ask("HEAD");
  const auto answer = reply(*client, true);
  CHECK(answer.status == 200);
  CHECK(answer.field("Transfer-Encoding") == "chunked");
  CHECK(behind.calls[0].head);
  settle();
  CHECK(client->received.empty());
  CHECK(source->asked == 0);
  CHECK(source->gone);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(source_fixture,
                 "a source is asked once while the client does not read") {
  auto source = std::make_shared<ready_source>(1000, 100'000);
  behind.answer = of(source);
  auto client = connect(true);
  client->send(head("GET", "/files/stream"));
  client->stop_reading();
  REQUIRE(run_until([&] { return !behind.calls.empty(); }));
  forget();
  settle();
  const auto given = source->given;
  CHECK(given < 20'000'000); // what the kernel's buffers hold
  settle();
  CHECK(source->given == given);
  client->go_on_reading();
  REQUIRE(run_until([&] { return client->received.ends_with("\r\n0\r\n\r\n"); },
                    60s));
  auto body = std::exchange(client->received, {});
  body.erase(0, body.find("\r\n\r\n") + 4);
  CHECK(is_pattern(0, unchunked(body)));
  CHECK(source->given == 100'000'000);
}

TEST_CASE_METHOD(source_fixture, "one piece is asked for ahead") {
  const auto source = offer();
  auto client = ask();
  settle(); // the head has gone out
  CHECK(source->asked == 1);
  source->give(std::string{"a"});
  CHECK(source->asked == 2); // before that piece has
  source->give(std::string{"b"});
  CHECK(source->asked == 2); // two are enough
  until(*client, "b\r\n");
  CHECK(source->asked == 3);
  CHECK_FALSE(source->pressed);
}

TEST_CASE_METHOD(source_fixture, "an error in the middle cuts the connection") {
  const auto source = offer();
  auto client = ask();
  source->give(std::string{"half"});
  until(*client, "half\r\n");
  source->give(error{errc::internal, "the disk failed"});
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.empty()); // nor the last chunk
  settle();
  CHECK(source->gone);
  CHECK(counted.http_connections == 0);
}

TEST_CASE_METHOD(source_fixture, "a source that is forgotten cuts it as well") {
  const auto source = offer();
  auto client = ask();
  source->give(std::string{"half"});
  until(*client, "half\r\n");
  source->waiting = nullptr;
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.empty());
  CHECK(source->gone);
}

TEST_CASE_METHOD(source_fixture,
                 "a client that leaves takes the source along") {
  const auto source = offer();
  auto client = ask();
  source->give(std::string{"half"});
  until(*client, "half\r\n");
  client->close(); // while nothing is written
  CHECK(run_until([&] { return source->gone; }));
  CHECK(run_until([&] { return counted.http_connections == 0; }));
}

TEST_CASE_METHOD(source_fixture, "so does one that leaves a full socket") {
  auto source = std::make_shared<ready_source>(1000, 100'000);
  std::weak_ptr<body_source> alive = source;
  behind.answer = of(std::move(source));
  auto client = connect(true);
  client->send(head("GET", "/files/stream"));
  client->stop_reading();
  REQUIRE(run_until([&] { return !behind.calls.empty(); }));
  forget();
  settle();
  REQUIRE_FALSE(alive.expired());
  client->close();
  CHECK(run_until([&] { return alive.expired(); }));
}

TEST_CASE_METHOD(source_fixture, "the end of the daemon ends a source") {
  const auto source = offer();
  auto client = ask();
  bool stopped = false;
  served->stop(0ms, [&] { stopped = true; });
  REQUIRE(run_until([&] { return stopped && source->gone; }));
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(source_fixture, "HTTP/1.0 reads to the end") {
  behind.answer = of(std::make_shared<ready_source>(3, 50'000));
  auto client = connect();
  client->send("GET /files/stream HTTP/1.0\r\nHost: localhost\r\n"
               "Connection: keep-alive\r\n"
               "Authorization: Bearer secret\r\n\r\n");
  REQUIRE(run_until([&] { return client->ended; }));
  forget();
  const auto answer = reply(*client);
  CHECK(answer.status == 200);
  CHECK(answer.field("Transfer-Encoding").empty());
  CHECK(answer.field("Connection") == "close");
  CHECK(client->received == pattern(0, 150'000));
}

TEST_CASE_METHOD(source_fixture, "HTTP/1.0 takes no part for the whole") {
  const auto source = offer();
  auto client = connect();
  client->send("GET /files/stream HTTP/1.0\r\nHost: localhost\r\n"
               "Authorization: Bearer secret\r\n\r\n");
  REQUIRE(run_until([&] { return source->asked == 1; }));
  source->give(std::string{"half"});
  until(*client, "half");
  source->give(error{errc::internal, "the disk failed"});
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->reset);
}

// -- the time it takes --------------------------------------------------------

namespace {

struct short_write : source_fixture {
  short_write() { context->limits.write_timeout = 200ms; }
};

} // namespace

TEST_CASE_METHOD(short_write, "the time a source takes is not the client's") {
  const auto source = offer();
  auto client = ask();
  const auto end = std::chrono::steady_clock::now() + 600ms;
  run_until(
      [&] { return client->ended || std::chrono::steady_clock::now() > end; });
  REQUIRE_FALSE(client->ended);
  source->give(std::string{"late"});
  until(*client, "late\r\n");
}

TEST_CASE_METHOD(short_write, "the time a client takes is") {
  auto source = std::make_shared<ready_source>(1000, 100'000);
  std::weak_ptr<body_source> alive = source;
  behind.answer = of(std::move(source));
  auto client = connect(true);
  client->send(head("GET", "/files/stream"));
  client->stop_reading();
  REQUIRE(run_until([&] { return !behind.calls.empty(); }));
  forget();
  CHECK(run_until([&] { return alive.expired(); }, 10s));
}

} // namespace outrigger
