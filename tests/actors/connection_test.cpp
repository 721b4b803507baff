// What a client of the terminals dialect receives.

#include <csignal>

#include "tests/actors/connection_fixture.hpp"

namespace outrigger {
namespace {

using strings = std::vector<std::string>;

} // namespace

// -- at connect ---------------------------------------------------------------

TEST_CASE_METHOD(connection_fixture, "a client sees the scrollback of all") {
  create();
  create();
  program(1).print("one");
  program(2).print("two");
  auto c = connect();
  CHECK(c.sink->output(1) == "one");
  CHECK(c.sink->output(2) == "two");
}

TEST_CASE_METHOD(connection_fixture, "exits come after the scrollback of all") {
  create();
  create();
  exit(1, 3);
  program(2).print("alive");
  auto c = connect();
  CHECK(c.sink->transcript() ==
        strings{"2:alive",
                R"({"channel":"terminal","type":"exit","id":"1","code":3})"});
}

TEST_CASE_METHOD(connection_fixture,
                 "exits wait until the last scrollback was taken") {
  create();
  create();
  exit(1, 3);
  program(2).print(std::string(limits::max_slice, 'x') + "\n");
  auto c = open();
  CHECK(c.sink->texts().empty());
  flow(c);
  CHECK(c.sink->texts().size() == 1);
}

TEST_CASE_METHOD(connection_fixture, "with nothing alive exits come at once") {
  create();
  program(1).print("old");
  exit(1, 0);
  auto c = connect();
  CHECK(c.sink->transcript() ==
        strings{R"({"channel":"terminal","type":"exit","id":"1","code":0})"});
}

TEST_CASE_METHOD(connection_fixture, "a plain client is told nothing else") {
  create();
  program(1).print("text");
  auto c = connect();
  type(c, 9, "to nobody");
  CHECK(c.sink->transcript() == strings{"1:text"});
}

TEST_CASE_METHOD(connection_fixture,
                 "an extended client is told where output begins, before it") {
  create();
  program(1).print("text");
  auto c = connect(extended());
  const auto all = c.sink->transcript();
  REQUIRE(all.size() == 2);
  CHECK(mentions(all[0], R"("type":"attached","id":"1")"));
  CHECK(mentions(all[0], R"("offset":0)"));
  CHECK(mentions(all[0], R"("head":4)"));
  CHECK(mentions(all[0], identity(1)));
  CHECK(all[1] == "1:text");
  CHECK(c.sink->sent[0].stream == 1); // keeps its place in the stream
}

TEST_CASE_METHOD(connection_fixture, "a client may ask for nothing at first") {
  create();
  program(1).print("text");
  auto options = extended();
  options.attach_all = false;
  auto c = connect(options);
  CHECK(c.sink->sent.empty());
  say(c, attach_message{1, std::nullopt});
  flow(c);
  CHECK(c.sink->output(1) == "text");
}

TEST_CASE_METHOD(connection_fixture,
                 "a terminal created later is watched too") {
  auto c = connect();
  create();
  program(1).print("new");
  flow(c);
  CHECK(c.sink->output(1) == "new");
}

TEST_CASE_METHOD(connection_fixture,
                 "a client that asked for nothing gets no later terminal") {
  connection_options options;
  options.attach_all = false;
  auto c = connect(options);
  create();
  program(1).print("new");
  flow(c);
  CHECK(c.sink->sent.empty());
}

// -- streaming ----------------------------------------------------------------

TEST_CASE_METHOD(connection_fixture,
                 "one slice of a terminal waits at a time") {
  create();
  auto c = connect();
  program(1).print(std::string(200'000, 'x'));
  run();
  CHECK(c.sink->slices(1).size() == 1);
  c.sink->take();
  run();
  CHECK(c.sink->slices(1).size() == 2);
}

TEST_CASE_METHOD(connection_fixture, "alone a terminal has slices of 64 KiB") {
  create();
  auto c = connect();
  program(1).print(std::string(200'000, 'x'));
  flow(c);
  REQUIRE(c.sink->slices(1).size() >= 3);
  CHECK(c.sink->slices(1)[1] == limits::max_slice);
}

TEST_CASE_METHOD(connection_fixture,
                 "while memory is short, alone or not, they have 8 KiB") {
  create();
  auto c = connect();
  c.sink->pressed = true;
  program(1).print(std::string(200'000, 'x'));
  flow(c);
  const auto sizes = c.sink->slices(1);
  REQUIRE(sizes.size() > 5);
  for (std::size_t i = 1; i + 1 < sizes.size(); ++i)
    CHECK(sizes[i] == limits::shared_slice);
  CHECK(c.sink->output(1) == std::string(200'000, 'x'));
}

TEST_CASE_METHOD(connection_fixture, "busy terminals have slices of 8 KiB") {
  create();
  create();
  auto c = connect();
  program(1).print(std::string(200'000, 'x'));
  program(2).print(std::string(200'000, 'y'));
  flow(c);
  // The first ones may be large: nobody knew yet.
  for (std::uint8_t id : {std::uint8_t{1}, std::uint8_t{2}}) {
    const auto sizes = c.sink->slices(id);
    REQUIRE(sizes.size() > 5);
    for (std::size_t i = 1; i + 1 < sizes.size(); ++i)
      CHECK(sizes[i] == limits::shared_slice);
  }
  CHECK(c.sink->output(1) == std::string(200'000, 'x'));
  CHECK(c.sink->output(2) == std::string(200'000, 'y'));
}

TEST_CASE_METHOD(connection_fixture,
                 "a neighbour that fell silent is no longer busy") {
  create();
  create();
  auto c = connect();
  program(2).print("one echo");
  flow(c);
  for (int i = 0; i < 4; ++i) {
    program(1).print(std::string(200'000, 'x'));
    flow(c);
  }
  const auto sizes = c.sink->slices(1);
  CHECK(std::count(sizes.begin(), sizes.end(), limits::max_slice) > 3);
}

TEST_CASE_METHOD(connection_fixture, "output is complete and in order") {
  create();
  auto c = open();
  std::string text;
  for (int i = 0; text.size() < 1'000'000; ++i)
    text += std::to_string(i) + "\n";
  std::size_t printed = 0;
  while (printed < text.size()) {
    printed += program(1).print(std::string_view{text}.substr(printed));
    flow(c);
  }
  CHECK(c.sink->output(1) == text);
}

TEST_CASE_METHOD(connection_fixture, "the window limits a client that acks") {
  create();
  auto c = connect(extended());
  say(c, ack_message{1, 0});
  for (int i = 0; i < 4; ++i) {
    program(1).print(std::string(300'000, 'x'));
    flow(c);
  }
  CHECK(c.sink->output(1).size() == limits::ack_window);
}

TEST_CASE_METHOD(connection_fixture, "acks of a plain client mean nothing") {
  create();
  auto c = connect();
  say(c, ack_message{1, 0});
  for (int i = 0; i < 4; ++i) {
    program(1).print(std::string(300'000, 'x'));
    flow(c);
  }
  CHECK(c.sink->output(1).size() > limits::ack_window);
}

// -- the end of a terminal ----------------------------------------------------

TEST_CASE_METHOD(connection_fixture, "an exit comes after the last output") {
  create();
  auto c = connect();
  program(1).print("bye");
  exit(1, 1);
  flow(c);
  CHECK(c.sink->transcript() ==
        strings{"1:bye",
                R"({"channel":"terminal","type":"exit","id":"1","code":1})"});
  CHECK(c.sink->sent.back().stream == 1);
}

TEST_CASE_METHOD(connection_fixture, "an extended client learns the signal") {
  create();
  auto c = connect(extended());
  program(1).die(SIGKILL);
  flow(c);
  REQUIRE_FALSE(c.sink->texts().empty());
  CHECK(mentions(c.sink->texts().back(), R"("code":137,"signal":"SIGKILL")"));
}

TEST_CASE_METHOD(connection_fixture, "a deleted terminal's exit is told once") {
  create();
  auto c = connect();
  auto& session = program(1);
  REQUIRE(remove(1));
  session.die(SIGHUP);
  flow(c);
  session_over(1);
  flow(c);
  CHECK(c.sink->transcript() ==
        strings{R"({"channel":"terminal","type":"exit","id":"1","code":129})"});
}

TEST_CASE_METHOD(connection_fixture,
                 "a deleted terminal's exit is told to a slow client too") {
  create();
  auto c = open();
  auto& session = program(1);
  session.print("unread");
  run();
  REQUIRE(remove(1));
  session.die(SIGHUP);
  run();
  session_over(1);
  CHECK(c.sink->texts() ==
        strings{R"({"channel":"terminal","type":"exit","id":"1","code":129})"});
}

TEST_CASE_METHOD(connection_fixture,
                 "what a slow client did not get of a deleted terminal is a "
                 "gap") {
  create();
  auto c = open(extended());
  program(1).print(numbered_lines(3 * limits::max_slice));
  run();
  const auto got = c.sink->output(1).size();
  auto& session = program(1);
  const auto head = session.head();
  REQUIRE(got < head);
  REQUIRE(remove(1));
  session.die(SIGHUP);
  run();
  session_over(1);
  const auto texts = c.sink->texts();
  REQUIRE(texts.size() >= 2);
  CHECK(mentions(texts[texts.size() - 2],
                 R"("type":"gap","id":"1","from":)" + std::to_string(got) +
                     R"(,"to":)" + std::to_string(head)));
  CHECK(mentions(texts.back(), R"("type":"exit")"));
}

TEST_CASE_METHOD(connection_fixture, "an id used again is another terminal") {
  terminals_options options;
  options.limit = 300;
  use(options);
  auto c = connect();
  for (int i = 0; i < 256; ++i) { // every id once, then the first again
    const auto id = create();
    auto& session = program(id);
    session.print(std::to_string(i) + ".");
    flow(c);
    const auto key = session.key();
    REQUIRE(remove(id));
    session.exit(0);
    flow(c);
    session_over(key);
    held->sessions.erase(key);
  }
  CHECK(c.sink->output(1) == "0.255.");
}

TEST_CASE_METHOD(connection_fixture,
                 "a client is told why its session was lost") {
  create();
  auto c = connect(extended());
  send(terminals, holder_lost{"the session holder died"});
  flow(c);
  const auto texts = c.sink->texts();
  REQUIRE(texts.size() == 3); // attached, then
  CHECK(mentions(texts[1], "the session holder died"));
  CHECK(mentions(texts[2], R"("type":"exit","id":"1","code":-1)"));
}

// -- failures -----------------------------------------------------------------

TEST_CASE_METHOD(connection_fixture,
                 "a failed terminal actor costs a client nothing") {
  create();
  auto c = connect();
  program(1).print("before ");
  flow(c);
  fail(1);
  program(1).print("after");
  flow(c);
  CHECK(c.sink->output(1) == "before after");
}

TEST_CASE_METHOD(connection_fixture,
                 "a terminal actor that fails in a flood loses nothing") {
  create();
  auto c = connect();
  std::string text;
  for (int i = 0; text.size() < 800'000; ++i)
    text += std::to_string(i) + "\n";
  std::size_t printed = 0;
  for (int round = 0; printed < text.size(); ++round) {
    printed += program(1).print(std::string_view{text}.substr(printed));
    run();
    if (round == 1)
      fail(1);
    c.sink->take();
    run();
  }
  flow(c);
  CHECK(c.sink->output(1) == text);
}

TEST_CASE_METHOD(connection_fixture,
                 "a connection that fails closes its socket") {
  auto c = connect();
  end(c.actor, true);
  CHECK(c.sink->closed == close_code::internal_error);
}

TEST_CASE_METHOD(connection_fixture, "a closed connection holds nothing up") {
  create();
  auto c = connect();
  send(c.actor, client_closed{});
  run();
  CHECK(program(1).credit() == os::free_running);
  CHECK_FALSE(c.sink->closed);
  CHECK(create() == 2);
}

TEST_CASE_METHOD(connection_fixture, "a socket that is gone does no harm") {
  create();
  auto c = connect();
  c.sink.reset();
  program(1).print("to nobody");
  run();
  type(c, 1, "still typed");
  CHECK(program(1).typed() == "still typed");
}

} // namespace outrigger
