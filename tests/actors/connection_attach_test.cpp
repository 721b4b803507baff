// Where a client's output begins: resuming, attaching, detaching.

#include "tests/actors/connection_fixture.hpp"

namespace outrigger {
// -- resuming -----------------------------------------------------------------

TEST_CASE_METHOD(connection_fixture, "a client resumes what it names") {
  create();
  create();
  program(1).print("0123456789");
  program(2).print("all of it");
  auto options = extended();
  options.after = {{1, 4}};
  auto c = connect(options);
  CHECK(c.sink->output(1) == "456789");
  CHECK(c.sink->output(2) == "all of it");
}

TEST_CASE_METHOD(connection_fixture,
                 "a terminal named is watched though dead") {
  create();
  program(1).print("0123456789");
  exit(1, 2);
  auto options = extended();
  options.after = {{1, 4}};
  auto c = connect(options);
  CHECK(c.sink->output(1) == "456789");
  REQUIRE(c.sink->texts().size() == 2);
  CHECK(mentions(c.sink->texts()[0], R"("alive":false)"));
  CHECK(mentions(c.sink->texts()[1], R"("type":"exit","id":"1","code":2)"));
}

TEST_CASE_METHOD(connection_fixture, "what is named is watched all the same") {
  create();
  create();
  program(1).print("one");
  program(2).print("two");
  auto options = extended();
  options.attach_all = false;
  options.after = {{2, 1}};
  auto c = connect(options);
  CHECK(c.sink->output(1).empty());
  CHECK(c.sink->output(2) == "wo");
}

TEST_CASE_METHOD(connection_fixture, "what is not kept is told as a gap") {
  create();
  std::string text;
  while (text.size() < 600'000)
    text += "a line of text\n";
  program(1).print(text);
  auto options = extended();
  options.after = {{1, 10}};
  auto c = connect(options);
  REQUIRE(c.sink->texts().size() == 2);
  CHECK(
      mentions(c.sink->texts()[1], R"("type":"gap","id":"1","from":10,"to":)"));
  CHECK(text.ends_with(c.sink->output(1)));
  CHECK(c.sink->sent[1].stream == 1);
}

// -- attaching and detaching --------------------------------------------------

TEST_CASE_METHOD(connection_fixture, "a detached client hears nothing more") {
  create();
  auto c = connect(extended());
  say(c, detach_message{1});
  const auto before = c.sink->sent.size();
  program(1).print("secret");
  flow(c);
  CHECK(c.sink->sent.size() == before);
  CHECK(program(1).credit() == os::free_running);
}

TEST_CASE_METHOD(connection_fixture, "a client attaches again where it was") {
  create();
  auto c = connect(extended());
  program(1).print("seen ");
  flow(c);
  say(c, detach_message{1});
  program(1).print("missed");
  say(c, attach_message{1, 5});
  flow(c);
  CHECK(c.sink->output(1) == "seen missed");
}

TEST_CASE_METHOD(connection_fixture,
                 "what is named and not there is no later terminal's") {
  auto options = extended();
  options.after = {{1, 5000}};
  auto c = connect(options);
  create();
  program(1).print("text");
  run();
  flow(c);
  CHECK(c.sink->output(1) == "text");
}

TEST_CASE_METHOD(connection_fixture,
                 "attaching again and again leaves one slice waiting") {
  create();
  program(1).print(numbered_lines(3 * limits::max_slice));
  auto c = open(extended());
  for (int i = 0; i < 10; ++i) {
    say(c, detach_message{1});
    say(c, attach_message{1, 0});
  }
  CHECK(c.sink->slices(1).size() == 1);
  flow(c);
  CHECK(mentions(c.sink->output(1), "\n")); // and it goes on
  CHECK(c.sink->slices(1).size() > 3);
}

TEST_CASE_METHOD(connection_fixture, "an offset never printed is an error") {
  create();
  auto c = connect(extended());
  say(c, attach_message{1, 1000});
  REQUIRE_FALSE(c.sink->texts().empty());
  CHECK(mentions(c.sink->texts().back(), R"("type":"error","id":"1")"));
  CHECK(c.sink->sent.back().stream == control_stream);
}

TEST_CASE_METHOD(connection_fixture, "attaching to no terminal is an error") {
  auto c = connect(extended());
  say(c, attach_message{9, std::nullopt});
  REQUIRE(c.sink->texts().size() == 1);
  CHECK(mentions(c.sink->texts()[0], "not_found"));
}

} // namespace outrigger
