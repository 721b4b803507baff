// Connections without a credential at a server that has room for few.

#include <sys/socket.h>

#include <boost/asio/local/stream_protocol.hpp>

#include "tests/net/server_fixture.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

limits::edge_limits room_for(std::size_t strangers) {
  limits::edge_limits out;
  out.max_unauthenticated = strangers;
  return out;
}

class crowded_fixture : public server_fixture {
public:
  explicit crowded_fixture(std::size_t room) : server_fixture{room_for(room)} {}

  /// Clients that connect and say nothing.
  void crowd(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto before = counted.accepted;
      silent.push_back(connect());
      REQUIRE(run_until([&] { return counted.accepted > before; }));
    }
    settle();
  }
  std::size_t still_there() const {
    std::size_t found = 0;
    for (const auto& client : silent)
      found += client->ended ? 0 : 1;
    return found;
  }

  std::vector<std::unique_ptr<raw_client>> silent;
};

struct room_for_four : crowded_fixture {
  room_for_four() : crowded_fixture{4} {}
};
struct room_for_one : crowded_fixture {
  room_for_one() : crowded_fixture{1} {}
};
struct room_for_many : crowded_fixture {
  room_for_many() : crowded_fixture{64} {}
};

} // namespace

TEST_CASE_METHOD(room_for_four, "of a silent crowd few may stay") {
  crowd(40);
  CHECK(still_there() <= 4);
  CHECK(still_there() > 0);
  CHECK(context->unknown.size() == still_there());
  CHECK(counted.evicted == 40 - still_there());
}

TEST_CASE_METHOD(room_for_many, "under the limit's half nobody has to go") {
  crowd(32);
  CHECK(still_there() == 32);
  CHECK(counted.evicted == 0);
}

TEST_CASE_METHOD(room_for_four, "a client that knows its token gets in") {
  crowd(40);
  auto client = connect();
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(room_for_four, "a client that was let in stays") {
  auto client = connect();
  REQUIRE(exchange(*client, head("GET", "/terminals")).status == 200);
  auto socket = open_socket();
  CHECK(context->unknown.size() == 0);
  crowd(40);
  CHECK_FALSE(client->ended);
  CHECK_FALSE(socket->ended);
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
  CHECK(handler().closed == 0);
}

TEST_CASE_METHOD(room_for_four,
                 "an answer without a credential lets nobody in") {
  auto client = connect();
  REQUIRE(exchange(*client, anonymous("GET", "/health")).status == 200);
  REQUIRE(exchange(*client, anonymous("GET", "/terminals")).status == 401);
  CHECK(context->unknown.size() == 1);
}

TEST_CASE_METHOD(room_for_four, "a wrong credential lets nobody in") {
  auto client = connect();
  REQUIRE(exchange(*client, anonymous("GET", "/terminals?token=x")).status ==
          401);
  CHECK(context->unknown.size() == 1);
}

TEST_CASE_METHOD(room_for_four, "a stranger's socket is a stranger's") {
  auto socket = open_socket_as("");
  CHECK(context->unknown.size() == 1);
  crowd(40);
  CHECK(context->unknown.size() <= 4);
  CHECK(counted.websockets + still_there() <= 4);
}

TEST_CASE_METHOD(
    room_for_one,
    "a stranger's upgrade needs no second place beside its first") {
  auto socket = open_socket_as("");
  CHECK(context->unknown.size() == 1);
  CHECK(counted.evicted == 0);
  socket->send_frame(2, "hello");
  CHECK(run_until([&] { return handler().frames.size() == 1; }));
}

TEST_CASE_METHOD(room_for_four, "strangers' upgrades evict other strangers") {
  std::vector<std::unique_ptr<raw_client>> sockets;
  for (int i = 0; i < 20; ++i)
    sockets.push_back(open_socket_as(""));
  settle();
  CHECK(context->unknown.size() <= 4);
  CHECK(counted.websockets <= 4);
  CHECK(counted.evicted >= 16);
}

TEST_CASE_METHOD(room_for_four, "who leaves makes room") {
  crowd(2);
  silent.clear();
  CHECK(run_until([&] { return context->unknown.size() == 0; }));
  CHECK(counted.http_connections == 0);
}

TEST_CASE_METHOD(room_for_one, "the peer of a unix socket is no stranger") {
  const auto name = "/tmp/outrigger-strangers-" + std::to_string(::getpid());
  listen_address address;
  address.unix_path = name;
  REQUIRE(served->listen(address));
  served->accept();
  std::vector<boost::asio::local::stream_protocol::socket> clients;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back(loop);
    clients.back().connect({name});
  }
  REQUIRE(run_until([&] { return counted.accepted == 5; }));
  CHECK(context->unknown.size() == 0);
  CHECK(counted.evicted == 0);
}

// -- under load ---------------------------------------------------------------

TEST_CASE_METHOD(room_for_many, "the more load the fewer strangers may stay") {
  const auto [memory, room] = GENERATE(
      table<std::size_t, std::size_t>({{10, 32}, {75, 32}, {90, 8}, {99, 1}}));
  crowd(32);
  auto client = connect();
  REQUIRE(exchange(*client, head("GET", "/terminals")).status == 200);
  context->load.set_budget({100, 0, 0, 0});
  context->load.sample(memory, 0);
  served->tick();
  settle();
  CHECK(still_there() == room);
  CHECK(counted.unauthenticated == room);
  CHECK_FALSE(client->ended);
}

TEST_CASE_METHOD(room_for_many, "when the load is gone there is room again") {
  context->load.set_budget({100, 0, 0, 0});
  context->load.sample(99, 0);
  served->tick();
  crowd(10);
  CHECK(still_there() == 1);
  context->load.sample(10, 0);
  served->tick();
  crowd(20);
  CHECK(still_there() == 21);
}

TEST_CASE_METHOD(room_for_many, "/health is answered at every load") {
  context->load.set_budget({100, 0, 0, 0});
  context->load.sample(99, 0);
  served->tick();
  behind.answer = rest_answer{200, "busy"};
  crowd(10);
  auto client = connect();
  const auto answer = exchange(*client, anonymous("GET", "/health"));
  CHECK(answer.status == 200);
  CHECK(answer.body == "busy");
}

} // namespace outrigger
