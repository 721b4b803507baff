// Files as answers: by sendfile, or small enough to go out with the head.

#include <sys/socket.h>

#include "protocol/access_line.hpp"
#include "tests/net/server_fixture.hpp"
#include "tests/net/temporary_file.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr const char* target = "/api/v1/files/a";

/// More than goes out with the head, and than one job sends.
constexpr std::size_t large = 5'000'000;

struct file_fixture : server_fixture {
  void offer(file_body body, unsigned status = 200) {
    rest_answer out{status};
    out.type = "application/octet-stream";
    out.fields = {{"ETag", "\"v1\""}};
    out.file = std::move(body);
    behind.answer = std::move(out);
  }
  /// The endpoint keeps its answer otherwise, and the file with it.
  void forget() { behind.answer = rest_answer{200, "{}"}; }

  bool goes_on(raw_client& client) {
    forget();
    return exchange(client, head("GET", "/terminals")).status == 200;
  }
  /// Asks for the file and reads nothing of it.
  std::unique_ptr<raw_client> ask_and_wait() {
    auto client = connect(true);
    client->send(head("GET", target));
    client->stop_reading();
    REQUIRE(run_until([&] { return !behind.calls.empty(); }));
    forget();
    settle();
    return client;
  }
};

} // namespace

TEST_CASE_METHOD(file_fixture, "a file arrives whole, whatever its size") {
  const auto size =
      GENERATE(1u, 4'096u, 65'536u, 65'537u, 300'000u, unsigned{large});
  CAPTURE(size);
  const temporary_file file{pattern(0, size)};
  offer(file.part(0, size));
  auto client = connect();
  const auto answer = exchange(*client, head("GET", target));
  CHECK(answer.status == 200);
  CHECK(answer.field("Content-Length") == std::to_string(size));
  CHECK(answer.field("Content-Type") == "application/octet-stream");
  CHECK(answer.field("ETag") == "\"v1\"");
  CHECK(answer.field("Connection").empty());
  CHECK(answer.body == pattern(0, size));
  CHECK(goes_on(*client));
  CHECK(file.is_let_go());
}

TEST_CASE_METHOD(file_fixture, "an empty file is an answer too") {
  const temporary_file file;
  offer(file.part(0, 0));
  auto client = connect();
  const auto answer = exchange(*client, head("GET", target));
  CHECK(answer.status == 200);
  CHECK(answer.field("Content-Length") == "0");
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(file_fixture, "a part of a file is just that part") {
  const auto [offset, size] = GENERATE(table<std::size_t, std::size_t>(
      {{0, 1}, {100, 5'000}, {70'000, 300'000}, {1, large - 1}}));
  CAPTURE(offset, size);
  const temporary_file file{pattern(0, large)};
  offer(file.part(offset, size), 206);
  auto client = connect();
  const auto answer = exchange(*client, head("GET", target));
  CHECK(answer.status == 206);
  CHECK(answer.body == pattern(offset, size));
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(file_fixture, "the file's position is left alone") {
  const temporary_file file{pattern(0, large)};
  const auto body = file.part(0, large);
  ::lseek(*body.descriptor, 17, SEEK_SET);
  offer(body);
  auto client = connect();
  auto other = connect();
  client->send(head("GET", target));
  other->send(head("GET", target));
  CHECK(reply(*client).body == pattern(0, large));
  CHECK(reply(*other).body == pattern(0, large));
  CHECK(::lseek(*body.descriptor, 0, SEEK_CUR) == 17);
}

TEST_CASE_METHOD(file_fixture, "HEAD has a file's length and none of it") {
  const temporary_file file{pattern(0, large)};
  offer(file.part(0, large));
  auto client = connect();
  const auto answer = exchange(*client, head("HEAD", target), true);
  CHECK(answer.status == 200);
  CHECK(answer.field("Content-Length") == std::to_string(large));
  settle();
  CHECK(client->received.empty());
  CHECK(jobs == 0);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(file_fixture, "requests behind a file are served") {
  const temporary_file file{pattern(0, large)};
  offer(file.part(0, large));
  auto client = connect();
  client->send(head("GET", target) + head("GET", target) +
               anonymous("GET", "/terminals"));
  CHECK(reply(*client).body == pattern(0, large));
  CHECK(reply(*client).body == pattern(0, large));
  CHECK(reply(*client).status == 401);
}

TEST_CASE_METHOD(file_fixture,
                 "the last answer of a connection may be a file") {
  const temporary_file file{pattern(0, large)};
  offer(file.part(0, large));
  auto client = connect();
  const auto answer =
      exchange(*client, head("GET", target, "Connection: close\r\n"));
  CHECK(answer.field("Connection") == "close");
  CHECK(answer.body == pattern(0, large));
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(file_fixture, "HTTP/1.0 gets a file by its length") {
  const temporary_file file{pattern(0, large)};
  offer(file.part(0, large));
  auto client = connect();
  client->send("GET /api/v1/files/a HTTP/1.0\r\nHost: localhost\r\n"
               "Authorization: Bearer secret\r\n\r\n");
  CHECK(reply(*client).body == pattern(0, large));
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(file_fixture, "the access log says how much was sent") {
  std::vector<std::uint64_t> bytes;
  context->log_access = [&](const access_line& line) {
    bytes.push_back(line.bytes);
  };
  const temporary_file file{pattern(0, large)};
  offer(file.part(0, large));
  auto client = connect();
  exchange(*client, head("GET", target));
  REQUIRE(run_until([&] { return bytes.size() == 1; }));
  CHECK(bytes[0] == large);
  exchange(*client, head("HEAD", target), true);
  REQUIRE(run_until([&] { return bytes.size() == 2; }));
  CHECK(bytes[1] == 0);
  temporary_file sparse;
  sparse.resize(1'000'000'000);
  offer(sparse.part(0, 1'000'000'000));
  auto other = connect();
  other->send(head("GET", target));
  REQUIRE(run_until([&] { return other->received.size() > 1'000'000; }));
  other->close();
  REQUIRE(run_until([&] { return bytes.size() == 3; }));
  CHECK(bytes[2] > 1'000'000);
  CHECK(bytes[2] < 1'000'000'000);
}

// -- the other thread ---------------------------------------------------------

TEST_CASE_METHOD(file_fixture,
                 "a file waits for its turn on the other thread") {
  const auto size = GENERATE(1'000u, unsigned{large});
  const temporary_file file{pattern(0, size)};
  offer(file.part(0, size));
  refused_jobs = 10;
  auto client = connect();
  CHECK(exchange(*client, head("GET", target)).body == pattern(0, size));
  CHECK(refused_jobs == 0);
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(file_fixture, "one client does not keep the other thread") {
  const temporary_file file{pattern(0, large)};
  offer(file.part(0, large));
  auto slow = ask_and_wait();
  const auto idle = jobs;
  settle();
  CHECK(jobs == idle); // it waits for room, and nobody works
  offer(file.part(0, large));
  auto client = connect();
  CHECK(exchange(*client, head("GET", target)).body == pattern(0, large));
}

// -- clients ------------------------------------------------------------------

TEST_CASE_METHOD(file_fixture, "a client may pause and go on") {
  const std::size_t size = 30'000'000;
  const temporary_file file{pattern(0, size)};
  offer(file.part(0, size));
  auto client = ask_and_wait();
  CHECK(client->received.size() < size / 2);
  client->go_on_reading();
  CHECK(reply(*client).body == pattern(0, size));
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(file_fixture, "a client that leaves lets go of the file") {
  temporary_file sparse;
  sparse.resize(1'000'000'000);
  offer(sparse.part(0, 1'000'000'000));
  auto client = ask_and_wait();
  CHECK_FALSE(sparse.is_let_go());
  client->close();
  CHECK(run_until([&] { return counted.http_connections == 0; }));
  CHECK(run_until([&] { return sparse.is_let_go(); }));
}

TEST_CASE_METHOD(file_fixture, "one that leaves at full speed, too") {
  temporary_file sparse;
  sparse.resize(1'000'000'000);
  offer(sparse.part(0, 1'000'000'000));
  auto client = connect();
  client->send(head("GET", target));
  REQUIRE(run_until([&] { return client->received.size() > 1'000'000; }));
  forget();
  client->close();
  CHECK(run_until([&] { return counted.http_connections == 0; }));
  CHECK(run_until([&] { return sparse.is_let_go(); }));
}

TEST_CASE_METHOD(file_fixture, "the end of the daemon waits for no file") {
  temporary_file sparse;
  sparse.resize(1'000'000'000);
  offer(sparse.part(0, 1'000'000'000));
  auto client = connect();
  client->send(head("GET", target));
  REQUIRE(run_until([&] { return client->received.size() > 1'000'000; }));
  forget();
  bool stopped = false;
  served->stop(0ms, [&] { stopped = true; });
  CHECK(run_until([&] { return stopped && client->ended; }));
  CHECK(run_until([&] { return sparse.is_let_go(); }));
}

TEST_CASE_METHOD(file_fixture, "a socket that is lent keeps its number") {
  temporary_file sparse;
  sparse.resize(1'000'000'000);
  offer(sparse.part(0, 1'000'000'000));
  std::function<void()> work;
  std::function<void()> done;
  context->run_blocking = [&](auto the_work, auto when_done) {
    work = std::move(the_work);
    done = std::move(when_done);
    return true;
  };
  auto client = connect();
  client->send(head("GET", target));
  REQUIRE(run_until([&] { return bool{work}; }));
  forget();
  bool stopped = false;
  served->stop(0ms, [&] { stopped = true; });
  REQUIRE(run_until([&] { return stopped && client->ended; }));
  // Whoever gets the lowest free number now would be written to.
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
  work();
  char byte = 0;
  CHECK(::recv(pair[0], &byte, 1, 0) < 0);
  CHECK(::recv(pair[1], &byte, 1, 0) < 0);
  ::close(pair[0]);
  ::close(pair[1]);
  CHECK(counted.http_connections == 1);
  std::exchange(done, nullptr)();
  work = nullptr;
  CHECK(counted.http_connections == 0);
  CHECK(sparse.is_let_go());
}

// -- files that change --------------------------------------------------------

TEST_CASE_METHOD(file_fixture, "a file that is shorter than it was cuts it") {
  const auto size = GENERATE(1'000u, unsigned{large});
  temporary_file file{pattern(0, size)};
  offer(file.part(0, size));
  file.resize(size / 2);
  auto client = connect();
  client->send(head("GET", target) + head("GET", "/terminals"));
  REQUIRE(run_until([&] { return client->ended; }));
  CHECK(client->received.find("terminals") == std::string::npos);
  CHECK(client->received.size() < size);
  CHECK(counted.http_connections == 0);
}

TEST_CASE_METHOD(file_fixture, "one that grew is sent as long as it was") {
  temporary_file file{pattern(0, large)};
  offer(file.part(0, 1'000'000));
  auto client = connect();
  CHECK(exchange(*client, head("GET", target)).body == pattern(0, 1'000'000));
  CHECK(goes_on(*client));
}

TEST_CASE_METHOD(file_fixture, "what cannot be sent is read") {
  // The kernel sends nothing out of a pipe's end, nor does it let it be read
  // at a place: the client sees the end, not somebody else's bytes.
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  offer({std::make_shared<const int>(ends[0]), 0, large});
  auto client = connect();
  client->send(head("GET", target));
  CHECK(run_until([&] { return client->ended; }));
  CHECK(client->received.find("\r\n\r\n") == client->received.size() - 4);
  ::close(ends[0]);
  ::close(ends[1]);
}

// -- the time it takes --------------------------------------------------------

namespace {

struct short_write : file_fixture {
  short_write() { context->limits.write_timeout = 200ms; }
};

} // namespace

TEST_CASE_METHOD(short_write, "a file that nobody takes is cut") {
  temporary_file sparse;
  sparse.resize(1'000'000'000);
  offer(sparse.part(0, 1'000'000'000));
  auto client = ask_and_wait();
  CHECK(run_until([&] { return counted.http_connections == 0; }, 10s));
  CHECK(run_until([&] { return sparse.is_let_go(); }));
}

TEST_CASE_METHOD(short_write, "the time the disk takes is not the client's") {
  const temporary_file file{pattern(0, large)};
  offer(file.part(0, large));
  std::function<void()> held;
  const auto run = context->run_blocking;
  context->run_blocking = [&](auto work, auto done) {
    held = [=] { CHECK(run(work, done)); };
    return true;
  };
  auto client = connect();
  client->send(head("GET", target));
  REQUIRE(run_until([&] { return bool{held}; }));
  const auto end = std::chrono::steady_clock::now() + 600ms;
  run_until(
      [&] { return client->ended || std::chrono::steady_clock::now() > end; });
  REQUIRE_FALSE(client->ended);
  context->run_blocking = run;
  std::exchange(held, nullptr)();
  CHECK(reply(*client).body == pattern(0, large));
}

} // namespace outrigger
