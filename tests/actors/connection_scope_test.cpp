// What a client whose credential is narrowed sees and may do.

#include <csignal>

#include "tests/actors/connection_fixture.hpp"

namespace outrigger {
namespace {

connection_options narrowed(std::string_view scopes) {
  auto options = connection_fixture::extended();
  options.scopes = *parse_scopes(scopes);
  return options;
}

} // namespace

TEST_CASE_METHOD(connection_fixture,
                 "terminals one may not see are not there") {
  create();
  create();
  program(1).print("secret");
  program(2).print("shared");
  auto c = connect(narrowed("terminal:2"));
  CHECK(c.sink->output(1).empty());
  CHECK(c.sink->output(2) == "shared");
  program(1).print("more");
  flow(c);
  for (const auto& text : c.sink->texts())
    CHECK_FALSE(mentions(text, R"("id":"1")"));
}

TEST_CASE_METHOD(connection_fixture,
                 "a later terminal one may not see is not there either") {
  auto c = connect(narrowed("terminal:2"));
  create();
  create();
  program(1).print("secret");
  program(2).print("shared");
  flow(c);
  CHECK(c.sink->output(1).empty());
  CHECK(c.sink->output(2) == "shared");
}

TEST_CASE_METHOD(connection_fixture,
                 "nothing is told of the end of what one may not see") {
  create();
  create();
  exit(2, 3);
  auto c = connect(narrowed("terminal:3 files agent"));
  auto& session = program(1);
  REQUIRE(remove(1));
  session.die(SIGHUP);
  run();
  session_over(1);
  flow(c);
  CHECK(c.sink->sent.empty());
}

TEST_CASE_METHOD(connection_fixture,
                 "what one may not see cannot be told from what is not there") {
  create();
  auto c = connect(narrowed("terminal:2"));
  const auto answers_to = [&](std::uint8_t id) {
    const auto before = c.sink->texts().size();
    type(c, id, "rm\r");
    say(c, resize_message{id, {120, 50}});
    say(c, attach_message{id, std::nullopt});
    say(c, ack_message{id, 0});
    say(c, detach_message{id});
    flow(c);
    std::string all;
    for (std::size_t i = before; i < c.sink->texts().size(); ++i)
      all += c.sink->texts()[i] + "\n";
    return all;
  };
  auto hidden = answers_to(1);
  auto absent = answers_to(9);
  CHECK(mentions(hidden, "not_found"));
  for (std::size_t at = 0; (at = absent.find('9', at)) != absent.npos;)
    absent[at] = '1';
  CHECK(hidden == absent);
  CHECK(program(1).typed().empty());
}

TEST_CASE_METHOD(connection_fixture, "what one may not use is not resized") {
  const auto* scopes = GENERATE("terminal:2", "terminal:1:view", "read");
  held->input = fake_input::pty;
  create();
  auto c = connect(narrowed(scopes));
  const auto window = program(1).window();
  say(c, resize_message{1, {120, 50}});
  CHECK(program(1).window() == window);
}

TEST_CASE_METHOD(connection_fixture, "a hidden terminal is not resumed") {
  create();
  program(1).print("secret");
  auto options = narrowed("terminal:2");
  options.after = {{1, 2}};
  auto c = connect(options);
  CHECK(c.sink->sent.empty());
}

TEST_CASE_METHOD(connection_fixture, "one who may view cannot type or resize") {
  const auto* scopes = GENERATE("terminal:1:view", "read", "read files");
  create();
  program(1).print("text");
  auto c = connect(narrowed(scopes));
  CHECK(c.sink->output(1) == "text");
  type(c, 1, "rm -rf");
  CHECK(c.sink->consumed == 7);
  CHECK(mentions(c.sink->texts().back(), "forbidden"));
  const auto refusals = c.sink->texts().size();
  say(c, resize_message{1, {120, 50}});
  CHECK(c.sink->texts().size() == refusals + 1);
  CHECK(mentions(c.sink->texts().back(), "forbidden"));
  CHECK(program(1).typed().empty());
}

TEST_CASE_METHOD(connection_fixture, "each terminal goes by its own right") {
  create();
  create();
  auto c = connect(narrowed("terminal:1:view terminal:2"));
  type(c, 1, "no");
  type(c, 2, "yes");
  CHECK(program(1).typed().empty());
  CHECK(program(2).typed() == "yes");
}

TEST_CASE_METHOD(connection_fixture, "who may use one may choose to look") {
  create();
  auto options = narrowed("terminal:1");
  options.view_only = true;
  auto c = connect(options);
  type(c, 1, "no");
  CHECK(program(1).typed().empty());
}

TEST_CASE_METHOD(connection_fixture,
                 "the right to view outlasts a failed terminal actor") {
  create();
  auto c = connect(narrowed("terminal:1:view"));
  fail(1);
  program(1).print("after");
  flow(c);
  CHECK(c.sink->output(1) == "after");
  type(c, 1, "no");
  CHECK(program(1).typed().empty());
}

TEST_CASE_METHOD(connection_fixture, "without any scope nothing is there") {
  create();
  program(1).print("secret");
  auto c = client{std::make_shared<recording_sink>(), {}};
  c.actor = keep(system.spawn(connection, connection_options{},
                              std::weak_ptr<frame_sink>{c.sink}, terminals,
                              watches_actor{}));
  run();
  type(c, 1, "rm");
  flow(c);
  CHECK(c.sink->sent.empty());
  CHECK(program(1).typed().empty());
}

} // namespace outrigger
