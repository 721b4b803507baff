// Keystrokes on their way to the program.

#include "tests/actors/terminal_fixture.hpp"

namespace outrigger {
namespace {

const std::string pipe_full(fake_session::pipe_size, 'f');

} // namespace

TEST_CASE_METHOD(terminal_fixture, "input reaches the program") {
  auto viewer = new_viewer();
  type(viewer, "ls\r");
  CHECK(program->typed() == "ls\r");
}

TEST_CASE_METHOD(terminal_fixture, "input the pty has is answered") {
  auto viewer = new_viewer();
  type(viewer, "ls\r");
  REQUIRE(viewer.seen->count<input_taken>() == 1);
  CHECK(viewer.seen->last<input_taken>()->id == id);
  CHECK(viewer.seen->last<input_taken>()->bytes == 3);
}

TEST_CASE_METHOD(terminal_fixture, "input of several viewers keeps its order") {
  auto first = new_viewer();
  auto second = new_viewer();
  type(first, "a");
  type(second, "b");
  type(first, "c");
  CHECK(program->typed() == "abc");
}

TEST_CASE_METHOD(terminal_fixture,
                 "input is not answered before the pty has all of it") {
  auto viewer = new_viewer();
  type(viewer, pipe_full + "more");
  CHECK(viewer.seen->count<input_taken>() == 0);
  CHECK(program->typed() == pipe_full);
  run();
  CHECK(program->typed() == "more");
  REQUIRE(viewer.seen->count<input_taken>() == 1);
  CHECK(viewer.seen->last<input_taken>()->bytes == pipe_full.size() + 4);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a chunk of the largest size arrives whole and in order") {
  auto viewer = new_viewer();
  const auto text = numbered_lines(limits::input_chunk);
  type(viewer, text);
  std::string read;
  for (std::string some = program->typed(); !some.empty();
       some = program->typed()) {
    read += some;
    run();
  }
  CHECK(read == text);
  CHECK(viewer.seen->count<input_taken>() == 1);
}

TEST_CASE_METHOD(terminal_fixture,
                 "input behind a chunk that waits does not overtake it") {
  auto first = new_viewer();
  auto second = new_viewer();
  type(first, pipe_full + "1");
  type(second, "2");
  CHECK(second.seen->count<input_taken>() == 0);
  CHECK(program->typed() == pipe_full);
  run();
  CHECK(program->typed() == "12");
  CHECK(first.seen->count<input_taken>() == 1);
  CHECK(second.seen->count<input_taken>() == 1);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a program that does not read does not stop its output") {
  auto viewer = watch_all();
  type(viewer, pipe_full + "more");
  print("output");
  CHECK(viewer.seen->bytes() == "output");
}

TEST_CASE_METHOD(terminal_fixture, "input after the exit is answered at once") {
  auto viewer = new_viewer();
  program->exit(0);
  run();
  type(viewer, "too late");
  REQUIRE(viewer.seen->count<input_taken>() == 1);
  CHECK(viewer.seen->last<input_taken>()->bytes == 8);
  CHECK(program->typed().empty());
}

TEST_CASE_METHOD(terminal_fixture, "input that waits is answered at the exit") {
  auto first = new_viewer();
  auto second = new_viewer();
  type(first, pipe_full + "1");
  type(second, "2");
  program->exit(0);
  run();
  CHECK(first.seen->count<input_taken>() == 1);
  CHECK(second.seen->count<input_taken>() == 1);
  CHECK(program->typed() == pipe_full); // the rest was dropped
}

TEST_CASE_METHOD(terminal_fixture, "input that cannot be written is answered") {
  use({.input = fake_input::broken});
  auto viewer = new_viewer();
  type(viewer, "lost");
  REQUIRE(viewer.seen->count<input_taken>() == 1);
  CHECK(viewer.seen->last<input_taken>()->bytes == 4);
}

TEST_CASE_METHOD(terminal_fixture,
                 "input of a viewer that died is still written") {
  auto viewer = new_viewer();
  auto next = new_viewer();
  type(viewer, pipe_full + "1");
  end(viewer.handle, true);
  type(next, "2");
  CHECK(program->typed() == pipe_full);
  run();
  CHECK(program->typed() == "12");
  CHECK(next.seen->count<input_taken>() == 1);
}

TEST_CASE_METHOD(terminal_fixture,
                 "input is answered when the session is lost") {
  auto viewer = new_viewer();
  type(viewer, pipe_full + "more");
  send(term, lose_session{"the holder died"});
  run();
  CHECK(viewer.seen->count<input_taken>() == 1);
  type(viewer, "again");
  CHECK(viewer.seen->count<input_taken>() == 2);
}

} // namespace outrigger
