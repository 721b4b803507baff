// Listening and stopping.

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "tests/net/server_fixture.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using local = boost::asio::local::stream_protocol;

class stop_fixture : public server_fixture {
public:
  void stop(std::chrono::milliseconds patience) {
    served->stop(patience, [this] { ++stopped; });
  }
  bool wait_for_stop(std::chrono::seconds patience = 10s) {
    return run_until([this] { return stopped > 0; }, patience);
  }

  int stopped = 0;
};

std::string socket_path() {
  return (std::filesystem::temp_directory_path() /
          ("outrigger-net-test-" + std::to_string(::getpid()) + ".sock"))
      .string();
}

listen_address unix_address(const std::string& path) {
  listen_address address;
  address.unix_path = path;
  return address;
}

} // namespace

// -- listening ----------------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "a port in use is refused with its name") {
  listen_address address;
  address.host = "127.0.0.1";
  address.port = port;
  server second{context};
  const auto name = second.listen(address);
  REQUIRE(name.has_error());
  CHECK(name.error().detail.find(std::to_string(port)) != std::string::npos);
}

TEST_CASE_METHOD(server_fixture, "localhost is the loopback address") {
  listen_address address;
  address.host = "localhost";
  server second{context};
  const auto name = second.listen(address);
  REQUIRE(name);
  CHECK(name->starts_with("http://127.0.0.1:"));
  second.stop(0ms, [] {});
}

TEST_CASE_METHOD(server_fixture, "a host that is no address is refused") {
  listen_address address;
  address.host = "example.com";
  server second{context};
  CHECK(second.listen(address).has_error());
}

TEST_CASE_METHOD(server_fixture, "a unix socket is ours alone and trusted") {
  const auto path = socket_path();
  const auto name = served->listen(unix_address(path));
  REQUIRE(name);
  CHECK(*name == "unix:" + path);
  served->accept();
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  local::socket client{loop};
  client.connect(local::endpoint{path});
  boost::asio::write(
      client, boost::asio::buffer(std::string{"GET /terminals HTTP/1.1\r\n"
                                              "Host: localhost\r\n\r\n"}));
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  CHECK(behind.calls[0].who.name == "local");
  served->stop(0ms, [] {});
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE_METHOD(server_fixture, "a stale unix socket is replaced") {
  const auto path = socket_path();
  { // one that nobody listens on any more
    local::acceptor stale{loop, local::endpoint{path}};
  }
  REQUIRE(std::filesystem::exists(path));
  CHECK(served->listen(unix_address(path)));
}

TEST_CASE_METHOD(server_fixture, "many clients are served at once") {
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 100; ++i)
    clients.push_back(connect());
  for (auto& client : clients)
    client->send(head("GET", "/terminals"));
  for (auto& client : clients)
    CHECK(reply(*client).status == 200);
}

// -- stopping -----------------------------------------------------------------

TEST_CASE_METHOD(stop_fixture, "without connections a server stops at once") {
  stop(10s);
  CHECK(wait_for_stop(2s));
  CHECK(stopped == 1);
}

TEST_CASE_METHOD(stop_fixture, "a stopped server accepts nobody") {
  stop(0ms);
  REQUIRE(wait_for_stop());
  CHECK_THROWS(connect());
}

TEST_CASE_METHOD(stop_fixture, "sockets are told that the daemon goes away") {
  auto client = open_socket();
  stop(10s);
  CHECK(frame_from(*client).close_code() == 1001);
  CHECK(stopped == 0);
  client->send_close(1001);
  CHECK(wait_for_stop(5s));
  CHECK(handler().closed == 1);
}

TEST_CASE_METHOD(stop_fixture, "an idle connection is closed") {
  auto client = connect();
  REQUIRE(exchange(*client, head("GET", "/terminals")).status == 200);
  stop(10s);
  CHECK(wait_for_stop(2s));
  CHECK(run_until([&] { return client->ended; }));
}

TEST_CASE_METHOD(stop_fixture, "a connection that never asked is closed") {
  auto client = connect();
  settle();
  stop(10s);
  CHECK(wait_for_stop(2s));
}

TEST_CASE_METHOD(stop_fixture,
                 "clients that come in the last moment are left out") {
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 20; ++i)
    clients.push_back(connect());
  loop.restart();
  loop.run_one(); // accepts the first; the next accept has its socket already
  stop(10s);
  CHECK(wait_for_stop(2s));
}

TEST_CASE_METHOD(stop_fixture, "a connection without a request yet is closed") {
  auto client = connect();
  loop.restart();
  loop.run_one(); // accepted, and no more
  stop(10s);
  CHECK(wait_for_stop(2s));
}

TEST_CASE_METHOD(stop_fixture, "an answer under way is finished") {
  behind.hold = true;
  auto client = connect();
  client->send(head("GET", "/terminals"));
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  stop(10s);
  settle();
  CHECK(stopped == 0);
  std::exchange(behind.unanswered, {})[0](rest_answer{200, "done"});
  const auto answer = reply(*client);
  CHECK(answer.body == "done");
  CHECK(answer.field("Connection") == "close");
  client->close();
  CHECK(wait_for_stop(5s));
}

TEST_CASE_METHOD(stop_fixture,
                 "an answer that does not come is not waited for") {
  behind.hold = true;
  auto client = connect();
  client->send(head("GET", "/terminals"));
  REQUIRE(run_until([&] { return behind.calls.size() == 1; }));
  const auto before = std::chrono::steady_clock::now();
  stop(300ms);
  CHECK(wait_for_stop());
  CHECK(std::chrono::steady_clock::now() - before >= 290ms);
  CHECK(stopped == 1);
}

TEST_CASE_METHOD(stop_fixture, "a peer that reads nothing is cut") {
  auto client = open_socket(true);
  client->stop_reading();
  auto out = sink();
  for (int i = 0; i < 25; ++i)
    out->send({frame_kind::binary, 1, "\1",
               std::make_shared<const std::string>(64 * 1024, 'x')});
  out.reset();
  settle();
  stop(300ms);
  CHECK(wait_for_stop(2s));
  CHECK(run_until([&] { return handler().closed == 1; }));
}

TEST_CASE_METHOD(stop_fixture, "a socket that does not answer is cut") {
  auto client = open_socket();
  stop(200ms);
  CHECK(wait_for_stop(2s));
  CHECK(run_until([&] { return handler().closed == 1; }));
}

TEST_CASE_METHOD(stop_fixture, "the end is told once") {
  auto client = open_socket();
  stop(100ms);
  REQUIRE(wait_for_stop());
  client->close();
  settle();
  CHECK(stopped == 1);
}

} // namespace outrigger
