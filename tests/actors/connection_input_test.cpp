// What a client of the terminals dialect sends.

#include "tests/actors/connection_fixture.hpp"

namespace outrigger {
namespace {

connection_options looking() {
  auto options = connection_fixture::extended();
  options.view_only = true;
  return options;
}

/// Fills the pipe and one byte more, so that the terminal has to wait.
const std::string too_much(fake_session::pipe_size + 1, 'x');

} // namespace

TEST_CASE_METHOD(connection_fixture, "keystrokes reach the program") {
  create();
  auto c = connect();
  type(c, 1, "ls\r");
  CHECK(program(1).typed() == "ls\r");
}

TEST_CASE_METHOD(connection_fixture,
                 "a frame is consumed when the pty has it") {
  create();
  auto c = connect();
  type(c, 1, too_much);
  CHECK(c.sink->consumed == 0);
  program(1).typed();
  run();
  CHECK(c.sink->consumed == too_much.size() + 1);
}

TEST_CASE_METHOD(connection_fixture, "frames keep their order") {
  create();
  auto c = connect();
  for (const char* word : {"a", "b", "c"})
    send(c.actor, client_input{1, word, 2});
  run();
  CHECK(program(1).typed() == "abc");
  CHECK(c.sink->consumed == 6);
}

TEST_CASE_METHOD(connection_fixture, "a frame of 1 MiB arrives whole") {
  create();
  auto c = connect();
  std::string text;
  for (int i = 0; text.size() < limits::max_message - 1; ++i)
    text += std::to_string(i) + "\n";
  text.resize(limits::max_message - 1);
  type(c, 1, text);
  std::string read;
  for (auto some = program(1).typed(); !some.empty();
       some = program(1).typed()) {
    read += some;
    if (read.size() + fake_session::pipe_size < text.size())
      CHECK(c.sink->consumed == 0); // not before its last byte is taken
    run();
  }
  CHECK(read == text);
  CHECK(c.sink->consumed == limits::max_message);
}

TEST_CASE_METHOD(connection_fixture,
                 "a terminal is given one chunk of 64 KiB at a time") {
  create();
  auto c = connect();
  type(c, 1, std::string(3 * limits::input_chunk, 'x'));
  // Another client's input comes after the chunk, not after the frame.
  auto other = connect();
  type(other, 1, "!");
  std::string read;
  for (auto some = program(1).typed(); !some.empty();
       some = program(1).typed()) {
    read += some;
    run();
  }
  CHECK(read.find('!') == limits::input_chunk);
  CHECK(read.size() == 3 * limits::input_chunk + 1);
}

TEST_CASE_METHOD(connection_fixture,
                 "a program that does not read holds up no other terminal") {
  create();
  create();
  auto c = connect();
  type(c, 1, too_much);
  type(c, 2, "free");
  CHECK(program(2).typed() == "free");
}

TEST_CASE_METHOD(connection_fixture,
                 "a program that does not read holds up no control frame") {
  create();
  auto c = connect(extended());
  type(c, 1, too_much);
  say(c, attach_message{9, std::nullopt});
  CHECK(mentions(c.sink->texts().back(), "not_found"));
}

TEST_CASE_METHOD(connection_fixture, "an empty frame is consumed") {
  create();
  auto c = connect();
  type(c, 1, "");
  CHECK(c.sink->consumed == 1);
}

TEST_CASE_METHOD(connection_fixture, "input for no terminal is consumed") {
  auto c = connect(extended());
  type(c, 9, "text");
  CHECK(c.sink->consumed == 5);
  REQUIRE(c.sink->texts().size() == 1);
  CHECK(mentions(c.sink->texts()[0], R"("type":"error","id":"9")"));
}

TEST_CASE_METHOD(connection_fixture, "input for a dead terminal is consumed") {
  create();
  auto c = connect();
  exit(1, 0);
  flow(c);
  type(c, 1, "too late");
  CHECK(c.sink->consumed == 9);
}

namespace {

/// What the program reads until there is no more.
std::string typed_in_all(connection_fixture& fixture, fake_session& program) {
  std::string all;
  for (auto some = program.typed(); !some.empty(); some = program.typed()) {
    all += some;
    fixture.run();
  }
  return all;
}

} // namespace

TEST_CASE_METHOD(connection_fixture,
                 "what a client typed before it left is typed") {
  create();
  auto c = connect();
  const auto size =
      GENERATE(std::size_t{100}, std::size_t{65'000}, 3 * limits::input_chunk);
  std::string text;
  for (char part = 'a'; part <= 'f'; ++part) {
    type(c, 1, std::string(size, part));
    text += std::string(size, part);
  }
  send(c.actor, client_closed{});
  run();
  CHECK(typed_in_all(*this, program(1)) == text);
}

TEST_CASE_METHOD(connection_fixture,
                 "what a client typed in its first moment is typed") {
  create();
  auto c = client{std::make_shared<recording_sink>(), {}};
  connection_options options;
  options.scopes = scope_set::everything();
  c.actor =
      keep(system.spawn(connection, options, std::weak_ptr<frame_sink>{c.sink},
                        terminals, watches_actor{}));
  send(c.actor, client_input{1, "ls\r", 4});
  send(c.actor, client_closed{});
  run();
  CHECK(program(1).typed() == "ls\r");
}

TEST_CASE_METHOD(connection_fixture,
                 "all that one connection may have under way can be left") {
  create();
  auto c = connect();
  std::size_t size = 0;
  while (size < limits::read_window + limits::max_message - 2) {
    type(c, 1, std::string(limits::max_message / 2 - 1, 'x'));
    size += limits::max_message / 2 - 1;
  }
  size = std::min(size, limits::left_input);
  send(c.actor, client_closed{});
  run();
  CHECK(typed_in_all(*this, program(1)).size() == size);
}

TEST_CASE_METHOD(connection_fixture,
                 "what is left is cut where there is no more room") {
  create();
  for (int i = 0; i < 2; ++i) {
    auto c = connect();
    type(c, 1, std::string(limits::left_input / 2 + 1000, 'x'));
    send(c.actor, client_closed{});
    run();
  }
  CHECK(typed_in_all(*this, program(1)).size() == limits::left_input);
}

TEST_CASE_METHOD(connection_fixture,
                 "clients that left can leave so much, and others go on") {
  create();
  for (int i = 0; i < 100; ++i) {
    auto c = connect();
    type(c, 1, std::string(limits::input_chunk, 'x'));
    send(c.actor, client_closed{});
    run();
  }
  auto c = connect();
  type(c, 1, "!");
  const auto all = typed_in_all(*this, program(1));
  CHECK(all.size() <= limits::left_input + 1);
  CHECK(all.size() > limits::left_input - limits::input_chunk);
  CHECK(all.back() == '!');
  CHECK(c.sink->consumed == 2);
}

TEST_CASE_METHOD(connection_fixture, "small frames that wait go on together") {
  create();
  auto c = connect();
  type(c, 1, too_much);
  std::string text = too_much;
  for (int i = 0; i < 1000; ++i) {
    type(c, 1, std::to_string(i));
    text += std::to_string(i);
  }
  std::size_t turns = 0;
  std::string all;
  for (auto some = program(1).typed(); !some.empty();
       some = program(1).typed(), ++turns) {
    all += some;
    run();
  }
  CHECK(all == text);
  CHECK(turns < 10);
  CHECK(c.sink->consumed == text.size() + 1001);
}

TEST_CASE_METHOD(connection_fixture, "an empty frame for nobody is no error") {
  auto c = connect(extended());
  type(c, 9, "");
  CHECK(c.sink->texts().empty());
  CHECK(c.sink->consumed == 1);
}

TEST_CASE_METHOD(connection_fixture,
                 "input that waits is consumed at the exit") {
  create();
  auto c = connect();
  type(c, 1, too_much);
  type(c, 1, "more");
  exit(1, 0);
  CHECK(c.sink->consumed == too_much.size() + 1 + 5);
}

TEST_CASE_METHOD(connection_fixture,
                 "input that waits is consumed when its terminal is deleted") {
  create();
  auto c = connect();
  type(c, 1, too_much);
  type(c, 1, "more");
  REQUIRE(remove(1));
  session_over(1);
  CHECK(c.sink->consumed == too_much.size() + 1 + 5);
}

TEST_CASE_METHOD(connection_fixture,
                 "input that waits is consumed when the actor fails") {
  create();
  auto c = connect();
  type(c, 1, too_much);
  fail(1);
  CHECK(c.sink->consumed == too_much.size() + 1);
  program(1).typed();
  type(c, 1, "next");
  CHECK(program(1).typed() == "next");
}

TEST_CASE_METHOD(connection_fixture, "a client that watches nothing may type") {
  create();
  connection_options options;
  options.attach_all = false;
  auto c = connect(options);
  type(c, 1, "blind");
  CHECK(program(1).typed() == "blind");
}

// -- text frames --------------------------------------------------------------

TEST_CASE_METHOD(connection_fixture, "a resize reaches the program") {
  held->input = fake_input::pty;
  create();
  auto c = connect();
  say(c, resize_message{1, {120, 50}});
  CHECK(program(1).window() == std::pair{120, 50});
  CHECK(c.sink->consumed > 0);
  CHECK(c.sink->texts().empty());
}

TEST_CASE_METHOD(connection_fixture, "a resize of no terminal is an error") {
  auto c = connect(extended());
  say(c, resize_message{9, {120, 50}});
  REQUIRE(c.sink->texts().size() == 1);
  CHECK(mentions(c.sink->texts()[0], "not_found"));
}

TEST_CASE_METHOD(connection_fixture,
                 "a resize of a dead terminal is an error") {
  held->input = fake_input::pty;
  create();
  auto c = connect(extended());
  exit(1, 0);
  say(c, resize_message{1, {120, 50}});
  CHECK(mentions(c.sink->texts().back(), "not_found"));
}

TEST_CASE_METHOD(connection_fixture, "a plain client's attach is ignored") {
  create();
  program(1).print("text");
  connection_options options;
  options.attach_all = false;
  auto c = connect(options);
  say(c, attach_message{1, std::nullopt});
  flow(c);
  CHECK(c.sink->sent.empty());
}

TEST_CASE_METHOD(connection_fixture, "a mistake is told and consumed") {
  auto c = connect(extended());
  send(c.actor, client_mistake{{errc::malformed, "type: unknown"}, 33});
  run();
  CHECK(c.sink->consumed == 33);
  REQUIRE(c.sink->texts().size() == 1);
  CHECK(mentions(c.sink->texts()[0], R"("type":"error","code":)"));
  CHECK(c.sink->sent[0].stream == control_stream);
}

TEST_CASE_METHOD(connection_fixture,
                 "a mistake of a plain client is consumed") {
  auto c = connect();
  send(c.actor, client_mistake{{errc::malformed, "type: unknown"}, 33});
  run();
  CHECK(c.sink->consumed == 33);
  CHECK(c.sink->sent.empty());
}

// -- view only ----------------------------------------------------------------

TEST_CASE_METHOD(connection_fixture, "one who only looks cannot type") {
  create();
  auto c = connect(looking());
  type(c, 1, "rm -rf");
  CHECK(program(1).typed().empty());
  CHECK(c.sink->consumed == 7);
  CHECK(mentions(c.sink->texts().back(), "forbidden"));
}

TEST_CASE_METHOD(connection_fixture, "one who only looks cannot resize") {
  held->input = fake_input::pty;
  create();
  auto c = connect(looking());
  const auto before = program(1).window();
  say(c, resize_message{1, {120, 50}});
  CHECK(program(1).window() == before);
  CHECK(mentions(c.sink->texts().back(), "forbidden"));
}

TEST_CASE_METHOD(connection_fixture, "one who only looks sees everything") {
  create();
  program(1).print("text");
  auto c = connect(looking());
  CHECK(c.sink->output(1) == "text");
}

} // namespace outrigger
