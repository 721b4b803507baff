// Live connections that have to go: revoked, or too heavy.

#include "tests/net/server_fixture.hpp"

#include "protocol/limits.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr unsigned binary = 2;

token_record record_of(std::string id, std::string_view token) {
  token_record out;
  out.id = std::move(id);
  out.digest = sha256(token);
  out.scopes = *parse_scopes("terminal");
  return out;
}

class shedding_fixture : public server_fixture {
public:
  /// Frames that its client does not read, or not so fast.
  void pile_up(socket_record& record, std::size_t bytes) {
    auto out = record.sink.lock();
    REQUIRE(out);
    for (std::size_t sent = 0; sent < bytes; sent += 64 * 1024)
      out->send({frame_kind::binary, 1, "\1",
                 std::make_shared<const std::string>(64 * 1024, 'x')});
  }

  /// The budget for what waits.
  void allow(std::size_t bytes) {
    load_figures budget{};
    budget[static_cast<std::size_t>(resource::queued)] = bytes;
    context->load.set_budget(budget);
  }

  /// The code of the close frame that comes after whatever else.
  unsigned last_code(raw_client& client) {
    for (;;) {
      const auto next = frame_from(client);
      if (next.opcode == 8)
        return next.close_code();
    }
  }
};

} // namespace

// -- revocation ---------------------------------------------------------------

TEST_CASE_METHOD(shedding_fixture, "a revoked token's sockets are closed") {
  auto& tokens = context->access.known.tokens;
  tokens.push_back(record_of("0000000a", "first"));
  tokens.push_back(record_of("0000000b", "second"));
  auto revoked = open_socket_as("first");
  auto other = open_socket_as("second");
  auto owner = open_socket();
  tokens.erase(tokens.begin() + 1);
  served->access_changed();
  CHECK(last_code(*revoked) == 4401);
  settle();
  CHECK_FALSE(other->ended);
  CHECK_FALSE(owner->ended);
  CHECK(other->received.empty());
}

TEST_CASE_METHOD(shedding_fixture, "a token replaced under its id is revoked") {
  auto& tokens = context->access.known.tokens;
  tokens.push_back(record_of("0000000a", "first"));
  auto socket = open_socket_as("first");
  tokens.back() = record_of("0000000a", "other");
  served->access_changed();
  CHECK(last_code(*socket) == 4401);
}

TEST_CASE_METHOD(shedding_fixture, "a token that lost a scope is revoked") {
  auto& tokens = context->access.known.tokens;
  tokens.push_back(record_of("0000000a", "first"));
  auto socket = open_socket_as("first");
  tokens.back().scopes = *parse_scopes("terminal:3");
  served->access_changed();
  CHECK(last_code(*socket) == 4401);
}

TEST_CASE_METHOD(shedding_fixture,
                 "a change that does not concern it is none") {
  auto owner = open_socket();
  auto stranger = open_socket_as("");
  context->access.known.tokens.push_back(record_of("0000000a", "first"));
  served->access_changed();
  settle();
  CHECK_FALSE(owner->ended);
  CHECK_FALSE(stranger->ended);
}

TEST_CASE_METHOD(shedding_fixture, "a revoked token is refused at once") {
  auto& tokens = context->access.known.tokens;
  tokens.push_back(record_of("0000000a", "first"));
  auto client = connect();
  const auto request = anonymous("GET", "/terminals/1?token=first");
  REQUIRE(exchange(*client, request).status == 200);
  tokens.pop_back();
  served->access_changed();
  CHECK(exchange(*client, request).status == 401);
}

TEST_CASE_METHOD(shedding_fixture,
                 "a token revoked while its upgrade is decided opens nothing") {
  auto& tokens = context->access.known.tokens;
  tokens.push_back(record_of("0000000a", "first"));
  behind.hold = true;
  auto client = connect();
  client->send(anonymous("GET", "/ws?token=first", upgrade_fields));
  REQUIRE(run_until([&] { return behind.undecided.size() == 1; }));
  tokens.pop_back();
  served->access_changed();
  behind.decide();
  CHECK(reply(*client).status == 101);
  CHECK(last_code(*client) == 4401);
}

TEST_CASE_METHOD(shedding_fixture,
                 "a token that expires while its upgrade is decided is told") {
  auto expiring = record_of("0000000a", "first");
  expiring.expires_at = moment::now().unix_seconds + 1;
  context->access.known.tokens.push_back(expiring);
  behind.hold = true;
  auto client = connect();
  client->send(anonymous("GET", "/ws?token=first", upgrade_fields));
  REQUIRE(run_until([&] { return behind.undecided.size() == 1; }));
  REQUIRE(run_until(
      [&] { return moment::now().unix_seconds >= *expiring.expires_at; }));
  behind.decide();
  CHECK(reply(*client).status == 101);
  CHECK(frame_from(*client).payload.find("auth_expiring") != std::string::npos);
}

// -- weight -------------------------------------------------------------------

TEST_CASE_METHOD(shedding_fixture,
                 "when more waits than may the heaviest is closed") {
  auto light = open_socket(true);
  auto& light_record = handler();
  auto heavy = open_socket(true);
  auto& heavy_record = *behind.sockets.back();
  light->stop_reading();
  heavy->stop_reading();
  settle();
  allow(4 * 1024 * 1024);
  pile_up(light_record, 512 * 1024);
  pile_up(heavy_record, 1536 * 1024);
  CHECK(counted.slow_closed == 0);
  allow(1024 * 1024);
  pile_up(light_record, 64 * 1024); // the one that tips the scales
  CHECK(counted.slow_closed == 1);
  CHECK(run_until([&] { return heavy_record.closed == 1; }, 5s));
  CHECK(light_record.closed == 0);
}

TEST_CASE_METHOD(shedding_fixture, "one that is shed is told to come back") {
  auto client = open_socket();
  behind.consume = false;
  allow(256 * 1024);
  handler().consume = false;
  client->send_frame(binary, std::string(300 * 1024, 'x'));
  CHECK(last_code(*client) == 1013);
  CHECK(counted.slow_closed == 1);
  CHECK(run_until([&] { return handler().closed == 1; }));
  CHECK(counted.queued_in == 0);
}

TEST_CASE_METHOD(shedding_fixture,
                 "what ended connections held is given back") {
  auto client = open_socket(true);
  client->stop_reading();
  pile_up(handler(), 1024 * 1024);
  CHECK(counted.queued_out > 512 * 1024);
  client->close();
  REQUIRE(run_until([&] { return handler().closed == 1; }));
  settle();
  CHECK(counted.queued_out == 0);
  CHECK(counted.queued_in == 0);
}

TEST_CASE_METHOD(shedding_fixture,
                 "at the critical level one a second has to go") {
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(open_socket(true));
    clients.back()->stop_reading();
    pile_up(handler(), 512 * 1024);
  }
  context->load.set_budget({100, 0, 0, 0});
  context->load.sample(99, 0);
  served->tick();
  CHECK(counted.slow_closed == 1);
  served->tick();
  CHECK(counted.slow_closed == 2);
}

TEST_CASE_METHOD(shedding_fixture, "who holds nothing is never too heavy") {
  auto client = open_socket();
  settle();
  context->load.set_budget({100, 0, 0, 0});
  context->load.sample(99, 0);
  served->tick();
  settle();
  CHECK(counted.slow_closed == 0);
  CHECK_FALSE(client->ended);
}

TEST_CASE_METHOD(shedding_fixture,
                 "a crowd that sends and is not consumed stays in the budget") {
  behind.consume = false;
  constexpr std::size_t budget = 4 * 1024 * 1024;
  constexpr std::size_t piece = 16 * 1024;
  allow(budget);
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 10; ++i)
    clients.push_back(open_socket());
  std::size_t most = 0;
  for (int round = 0; round < 64; ++round) {
    for (auto& client : clients)
      client->send_frame(binary, std::string(piece, 'x'));
    loop.restart();
    loop.poll();
    most = std::max(most, counted.queued_in);
  }
  settle();
  CHECK(std::max(most, counted.queued_in) <= budget);
  CHECK(counted.slow_closed == 0); // they are only read more slowly
  for (const auto& record : behind.sockets)
    CHECK(record->frames.size() >= 4); // 64 KiB each at least
}

} // namespace outrigger
