// A socket that has not shown what it is.

#include "net/undecided_socket.hpp"

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"
#include "tests/support/recording_sink.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// The terminals dialect, once chosen: keeps what it is given.
struct chosen_record {
  int opened = 0;
  std::vector<std::string> frames;
  std::vector<stream_id> taken;
  int closed = 0;
};

class chosen_handler final : public frame_handler {
public:
  explicit chosen_handler(chosen_record& record) : record_{record} {}
  void on_frame(frame_kind, std::string bytes) override {
    record_.frames.push_back(std::move(bytes));
  }
  void on_taken(stream_id stream) override { record_.taken.push_back(stream); }
  void on_closed() override { ++record_.closed; }

private:
  chosen_record& record_;
};

class undecided_fixture {
public:
  void open(bool authenticated,
            std::chrono::milliseconds patience = limits::authenticate_timeout) {
    principal who;
    who.authenticated = authenticated;
    handler = undecided_socket(
        loop, who, sink,
        [this](auto) {
          ++terminals.opened;
          return std::make_unique<chosen_handler>(terminals);
        },
        [](std::string_view token) -> result<principal> {
          if (token == "good")
            return principal{};
          return error{errc::unauthorized, "the token is not valid"};
        },
        patience);
    loop.poll();
  }

  asio::io_context loop{1};
  std::shared_ptr<recording_sink> sink = std::make_shared<recording_sink>();
  chosen_record terminals;
  std::unique_ptr<frame_handler> handler;
};

const std::string resize =
    R"({"channel":"terminal","type":"resize","id":"1","cols":80,"rows":24})";
const std::string authenticate =
    R"({"command":"authenticate",)"
    R"("params":{"container_name":"box","api_key":"x"}})";
const std::string good_key =
    R"({"command":"authenticate",)"
    R"("params":{"container_name":"box","api_key":"good"}})";

} // namespace

TEST_CASE_METHOD(undecided_fixture, "an undecided socket hears nothing") {
  open(GENERATE(false, true));
  CHECK(sink->sent.empty());
  CHECK(terminals.opened == 0);
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(undecided_fixture, "a binary frame chooses terminals") {
  open(true);
  handler->on_frame(frame_kind::binary, "\1ls");
  CHECK(terminals.opened == 1);
  CHECK(terminals.frames == std::vector<std::string>{"\1ls"});
}

TEST_CASE_METHOD(undecided_fixture, "a text frame with a channel does too") {
  open(true);
  handler->on_frame(frame_kind::text, resize);
  CHECK(terminals.frames == std::vector<std::string>{resize});
}

TEST_CASE_METHOD(undecided_fixture, "the first frame decides once") {
  open(true);
  handler->on_frame(frame_kind::binary, "\1a");
  handler->on_frame(frame_kind::text, authenticate);
  CHECK(terminals.opened == 1);
  CHECK(terminals.frames.size() == 2);
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(undecided_fixture, "the chosen one hears everything after") {
  open(true);
  handler->on_frame(frame_kind::binary, "\1a");
  handler->on_taken(7);
  handler->on_closed();
  CHECK(terminals.taken == std::vector<stream_id>{7});
  CHECK(terminals.closed == 1);
}

TEST_CASE_METHOD(undecided_fixture,
                 "a socket that ends undecided does no harm") {
  open(GENERATE(false, true));
  handler->on_taken(7);
  handler->on_closed();
  CHECK(terminals.opened == 0);
}

TEST_CASE_METHOD(undecided_fixture, "a stranger cannot choose terminals") {
  open(false);
  handler->on_frame(frame_kind::binary, "\1rm");
  CHECK(terminals.opened == 0);
  CHECK(sink->sent.empty());
  CHECK(sink->closed == close_code::policy_violation);
  CHECK(sink->consumed == 3);
}

TEST_CASE_METHOD(undecided_fixture, "a stranger's text is refused unanswered") {
  open(false);
  handler->on_frame(frame_kind::text,
                    GENERATE(as<std::string>{}, resize, "hello"));
  CHECK(sink->sent.empty());
  CHECK(sink->closed == close_code::policy_violation);
}

TEST_CASE_METHOD(undecided_fixture,
                 "the computer dialect is refused in its own words") {
  open(GENERATE(false, true));
  handler->on_frame(frame_kind::text, authenticate);
  REQUIRE(sink->texts().size() == 1);
  CHECK(sink->texts()[0].find(R"("success":false)") != std::string::npos);
  CHECK(sink->sent[0].stream == control_stream);
  CHECK(sink->closed == close_code::policy_violation);
  CHECK(terminals.opened == 0);
}

TEST_CASE_METHOD(undecided_fixture, "a computer client's key is judged") {
  const auto [frame, why] = GENERATE_COPY(table<std::string, std::string>({
      {authenticate, "Authentication failed"},
      {good_key, "not served"},
      {R"({"command":"version"})", "First message must be authentication"},
      {R"({"command":"authenticate","params":{}})", "API key required"},
  }));
  open(false);
  handler->on_frame(frame_kind::text, frame);
  REQUIRE(sink->texts().size() == 1);
  CHECK(sink->texts()[0].find(why) != std::string::npos);
  CHECK(sink->closed == close_code::policy_violation);
}

TEST_CASE_METHOD(undecided_fixture, "nonsense is refused") {
  open(true);
  handler->on_frame(frame_kind::text, GENERATE("", "{", "[]", R"({"a":1})"));
  CHECK(terminals.opened == 0);
  CHECK(sink->closed == close_code::policy_violation);
}

TEST_CASE_METHOD(undecided_fixture, "a stranger has a deadline") {
  const auto before = std::chrono::steady_clock::now();
  open(false, 50ms);
  loop.restart();
  loop.run(); // until the deadline: nothing else is to do
  CHECK(sink->closed == close_code::policy_violation);
  CHECK(std::chrono::steady_clock::now() - before >= 50ms);
}

TEST_CASE_METHOD(undecided_fixture, "the deadline is ten seconds") {
  CHECK(limits::authenticate_timeout == 10s);
  open(false);
  loop.restart();
  loop.run_for(100ms);
  CHECK_FALSE(sink->closed);
  handler->on_closed();
}

TEST_CASE_METHOD(undecided_fixture, "without auth there is no deadline") {
  open(true);
  loop.restart();
  CHECK(loop.run() == 0); // nothing is waited for
}

TEST_CASE_METHOD(undecided_fixture, "a socket that ended has no deadline") {
  open(false);
  handler->on_closed();
  loop.restart();
  loop.run();
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(undecided_fixture, "a socket that is gone is not touched") {
  open(false);
  sink.reset();
  handler->on_frame(frame_kind::text, authenticate);
  CHECK(terminals.opened == 0);
}

} // namespace outrigger
