// The endpoint made of actors: which dialect an upgrade gets, and frames as
// messages.

#include "net/bridge.hpp"

#include "protocol/limits.hpp"
#include "tests/actors/workspace_fixture.hpp"
#include "tests/support/recording_sink.hpp"

namespace outrigger {
namespace {

const principal stranger{};
principal somebody(std::string name, std::string_view scopes) {
  principal out;
  out.authenticated = true;
  out.name = std::move(name);
  out.scopes = *parse_scopes(scopes);
  return out;
}

const principal with_token = somebody("owner", "all");
const principal without_auth = somebody("no-auth", "all");

class bridge_fixture : public workspace_fixture {
public:
  bridge_fixture() {
    desk_deps desk;
    desk.terminals = terminals;
    bridge = make_bridge(
        {system, loop, keep(system.spawn(rest_desk, desk)), {}, terminals, [] {
           return std::string{"well"};
         }});
  }

  socket_call call(std::string_view target, principal who) {
    auto parsed = parse_http_target(target);
    REQUIRE(parsed);
    socket_call asked;
    asked.target = *parsed;
    asked.who = std::move(who);
    return asked;
  }

  result<socket_plan> decide(socket_call asked) {
    std::optional<result<socket_plan>> answer;
    bridge->socket(std::move(asked), [&answer](result<socket_plan> plan) {
      answer.emplace(std::move(plan));
    });
    run();
    REQUIRE(answer);
    return *answer;
  }

  errc refusal(socket_call asked) {
    auto answer = decide(std::move(asked));
    REQUIRE(answer.has_error());
    return answer.error().code;
  }

  /// Opens the socket of a plan.
  void open(const result<socket_plan>& plan) {
    REQUIRE(plan);
    handler = plan->open(sink);
    sink->on_taken = [this](stream_id stream) { handler->on_taken(stream); };
    flow();
  }
  void flow() {
    sink->take_all([this] { run(); });
  }
  void close() {
    handler->on_closed();
    run();
  }

  std::unique_ptr<endpoint> bridge;
  std::shared_ptr<recording_sink> sink = std::make_shared<recording_sink>();
  std::unique_ptr<frame_handler> handler;
};

} // namespace

// -- REST ---------------------------------------------------------------------

TEST_CASE_METHOD(bridge_fixture, "a call is answered") {
  create();
  auto target = parse_http_target("/terminals/1");
  auto where = match_route("GET", target->path, nullptr);
  REQUIRE(where);
  std::optional<result<rest_answer>> answer;
  bridge->rest({where->matched, where->id, *target, "", with_token},
               [&answer](result<rest_answer> a) { answer.emplace(a); });
  CHECK_FALSE(answer); // some time later, never at once
  run();
  REQUIRE(answer);
  REQUIRE(answer->has_value());
  CHECK((*answer)->body.find(R"("id":"1")") != std::string::npos);
}

TEST_CASE_METHOD(bridge_fixture, "/health is answered without asking anybody") {
  end(terminals);
  auto where = match_route("GET", "/health", nullptr);
  REQUIRE(where);
  std::optional<result<rest_answer>> answer;
  bridge->rest({where->matched, "", {}, "", stranger},
               [&answer](result<rest_answer> a) { answer.emplace(a); });
  REQUIRE(answer); // at once
  REQUIRE(answer->has_value());
  CHECK((*answer)->body == "well");
}

// -- which dialect ------------------------------------------------------------

TEST_CASE_METHOD(bridge_fixture,
                 "with a token a socket speaks terminals at once") {
  create();
  program(1).print("text");
  open(decide(call("/ws?token=secret", with_token)));
  CHECK(sink->output(1) == "text");
  close();
}

TEST_CASE_METHOD(bridge_fixture,
                 "so it does with an extension or a forced dialect") {
  create();
  program(1).print("text");
  const auto target =
      GENERATE("/ws?ext=1", "/ws?dialect=oblien", "/ws?dialect=terminals");
  open(decide(call(target, without_auth)));
  CHECK(sink->output(1) == "text");
  close();
}

TEST_CASE_METHOD(bridge_fixture, "so it does under its prefix") {
  create();
  program(1).print("text");
  auto asked = call("/ws", without_auth);
  asked.dialect_forced = true;
  open(decide(asked));
  CHECK(sink->output(1) == "text");
  close();
}

TEST_CASE_METHOD(bridge_fixture, "without auth the first frame decides") {
  create();
  program(1).print("text");
  const auto plan = decide(call("/ws", without_auth));
  REQUIRE(plan);
  CHECK(plan->max_message == limits::max_message);
  open(plan);
  CHECK(sink->sent.empty());
  handler->on_frame(frame_kind::binary, "\1typed");
  flow();
  CHECK(sink->output(1) == "text");
  CHECK(program(1).typed() == "typed"); // the deciding frame is not lost
  close();
}

TEST_CASE_METHOD(bridge_fixture, "a deciding resize is not lost") {
  held->input = fake_input::pty;
  create();
  open(decide(call("/ws", without_auth)));
  handler->on_frame(frame_kind::text,
                    R"({"channel":"terminal","type":"resize","id":"1",)"
                    R"("cols":132,"rows":50})");
  flow();
  CHECK(program(1).window() == std::pair{132, 50});
  close();
}

TEST_CASE_METHOD(bridge_fixture,
                 "a stranger gets a socket with a small mouth") {
  create();
  program(1).print("secret");
  const auto plan = decide(call("/ws", stranger));
  REQUIRE(plan);
  CHECK(plan->max_message == limits::max_unauthenticated_message);
  open(plan);
  handler->on_frame(frame_kind::binary, "\1rm");
  flow();
  CHECK(sink->sent.empty());
  CHECK(sink->closed == close_code::policy_violation);
  CHECK(program(1).typed().empty());
  handler->on_closed();
}

TEST_CASE_METHOD(bridge_fixture, "a stranger's extensions change nothing") {
  create();
  program(1).print("secret");
  open(decide(call("/ws?ext=1", stranger)));
  CHECK(sink->sent.empty());
  handler->on_closed();
}

TEST_CASE_METHOD(bridge_fixture, "a stranger may not force a dialect") {
  CHECK(refusal(call("/ws?dialect=oblien", stranger)) == errc::unauthorized);
  auto asked = call("/ws", stranger);
  asked.dialect_forced = true;
  CHECK(refusal(asked) == errc::unauthorized);
}

TEST_CASE_METHOD(bridge_fixture, "the computer dialect is not served") {
  CHECK(refusal(call("/ws?dialect=cua", with_token)) == errc::unsupported);
  auto asked = call("/ws", with_token);
  asked.names_computer = true;
  CHECK(refusal(asked) == errc::unsupported);
}

TEST_CASE_METHOD(bridge_fixture, "a forced dialect outweighs a header") {
  auto asked = call("/ws?dialect=oblien", with_token);
  asked.names_computer = true;
  CHECK(decide(asked));
}

TEST_CASE_METHOD(bridge_fixture, "an unknown dialect is malformed") {
  CHECK(refusal(call("/ws?dialect=klingon", with_token)) == errc::malformed);
}

// -- options ------------------------------------------------------------------

TEST_CASE_METHOD(bridge_fixture, "a client resumes where it was") {
  create();
  program(1).print("0123456789");
  open(decide(call("/ws?ext=1&after=1:4", with_token)));
  CHECK(sink->output(1) == "456789");
  close();
}

TEST_CASE_METHOD(bridge_fixture, "an offset never printed is refused before") {
  create();
  CHECK(refusal(call("/ws?ext=1&after=1:4", with_token)) == errc::malformed);
}

TEST_CASE_METHOD(bridge_fixture, "a malformed resume list is refused before") {
  const auto after = GENERATE("x", "1", "1:x", "1:1,1:2", "0:1", "256:1");
  CHECK(refusal(call("/ws?ext=1&after=" + std::string{after}, with_token)) ==
        errc::malformed);
}

TEST_CASE_METHOD(bridge_fixture, "a stranger learns nothing by resuming") {
  create();
  // Neither whether the terminal exists nor how much it printed.
  const auto none = decide(call("/ws?ext=1&after=9:0", stranger));
  const auto beyond = decide(call("/ws?ext=1&after=1:1000", stranger));
  CHECK(none.has_error() == beyond.has_error());
}

TEST_CASE_METHOD(bridge_fixture, "one may attach to nothing or only look") {
  create();
  program(1).print("text");
  open(decide(call("/ws?ext=1&attach=none&mode=view", with_token)));
  CHECK(sink->sent.empty());
  handler->on_frame(frame_kind::binary, "\1rm");
  flow();
  CHECK(program(1).typed().empty());
  close();
}

// -- scopes -------------------------------------------------------------------

TEST_CASE_METHOD(bridge_fixture,
                 "who may see neither terminal nor folder gets no socket") {
  const auto* scopes = GENERATE("agent ports", "port:1", "admin");
  CHECK(refusal(call("/ws?token=x", somebody("token x", scopes))) ==
        errc::forbidden);
}

TEST_CASE_METHOD(bridge_fixture, "a narrowed client sees its terminal only") {
  create();
  create();
  program(1).print("one");
  program(2).print("two");
  open(decide(call("/ws?token=x", somebody("token x", "terminal:2:view"))));
  CHECK(sink->output(1).empty());
  CHECK(sink->output(2) == "two");
  handler->on_frame(frame_kind::binary, "\2rm");
  flow();
  CHECK(program(2).typed().empty());
  close();
}

TEST_CASE_METHOD(bridge_fixture,
                 "a narrowed client learns nothing of others by resuming") {
  create();
  create();
  const auto narrowed = somebody("token x", "terminal:2:view");
  // Beyond what 1 has printed, which the owner would be told.
  CHECK(decide(call("/ws?ext=1&after=1:1000", narrowed)));
  CHECK(refusal(call("/ws?ext=1&after=2:1000", narrowed)) == errc::malformed);
}

TEST_CASE_METHOD(bridge_fixture, "who may see a folder gets a socket") {
  CHECK(decide(call("/ws?token=x", somebody("token x", "files:/docs:read"))));
  open(decide(call("/ws?token=x", somebody("token y", "files"))));
  close();
}

// -- frames -------------------------------------------------------------------

TEST_CASE_METHOD(bridge_fixture, "frames are messages and are consumed") {
  create();
  open(decide(call("/ws?ext=1", with_token)));
  handler->on_frame(frame_kind::binary, "\1ls");
  handler->on_frame(frame_kind::text, "nonsense");
  handler->on_frame(frame_kind::binary, "");
  flow();
  CHECK(program(1).typed() == "ls");
  CHECK(sink->consumed == 3 + 8 + 0);
  REQUIRE(sink->texts().size() == 3); // attached and two errors
  CHECK(sink->texts()[1].find("validation_error") != std::string::npos);
  close();
}

TEST_CASE_METHOD(bridge_fixture, "a socket that ends leaves its terminals") {
  create();
  open(decide(call("/ws?ext=1", with_token)));
  CHECK(program(1).credit() != os::free_running);
  close();
  CHECK(program(1).credit() == os::free_running);
}

} // namespace outrigger
