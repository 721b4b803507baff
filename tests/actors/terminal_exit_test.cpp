// The end of a session, as its viewers learn of it.

#include <csignal>

#include "tests/actors/terminal_fixture.hpp"

namespace outrigger {

TEST_CASE_METHOD(terminal_fixture, "a viewer is told how the program ended") {
  auto viewer = watch_all();
  program->exit(3);
  run();
  REQUIRE(viewer.seen->count<viewer_exit>() == 1);
  const auto told = viewer.seen->last<viewer_exit>();
  CHECK(told->id == id);
  CHECK(told->exit == terminal_exit{3, 0});
  CHECK(told->reason.empty());
}

TEST_CASE_METHOD(terminal_fixture,
                 "a program that was killed ends as a shell says it") {
  auto viewer = watch_all();
  program->die(SIGKILL);
  run();
  REQUIRE(viewer.seen->last<viewer_exit>());
  CHECK(viewer.seen->last<viewer_exit>()->exit == terminal_exit{137, 9});
}

TEST_CASE_METHOD(terminal_fixture, "the exit comes after all output") {
  auto viewer = watch();
  print("last words");
  program->exit(0);
  run();
  CHECK(viewer.seen->count<viewer_exit>() == 0);
  pull(viewer, 4);
  pull(viewer, 4);
  CHECK(viewer.seen->count<viewer_exit>() == 0);
  read_all(viewer);
  CHECK(viewer.seen->bytes() == "last words");
  CHECK(viewer.seen->count<viewer_exit>() == 1);
  CHECK(std::holds_alternative<viewer_exit>(viewer.seen->events.back()));
}

TEST_CASE_METHOD(terminal_fixture,
                 "output printed with the exit comes before it") {
  auto viewer = watch_all();
  program->print("bye");
  program->exit(0);
  run();
  read_all(viewer);
  CHECK(viewer.seen->bytes() == "bye");
  CHECK(std::holds_alternative<viewer_exit>(viewer.seen->events.back()));
}

TEST_CASE_METHOD(terminal_fixture, "the exit is told once") {
  auto viewer = watch_all();
  program->exit(0);
  run();
  read_all(viewer);
  pull(viewer);
  send(term, ring_advanced{});
  run();
  CHECK(viewer.seen->count<viewer_exit>() == 1);
}

TEST_CASE_METHOD(terminal_fixture, "every viewer is told of the exit") {
  auto first = watch_all();
  auto second = watch_all();
  program->exit(0);
  run();
  CHECK(first.seen->count<viewer_exit>() == 1);
  CHECK(second.seen->count<viewer_exit>() == 1);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that comes after the exit sees output and exit") {
  print("result");
  program->exit(1);
  run();
  auto viewer = watch_all();
  CHECK_FALSE(viewer.seen->last<viewer_attached>()->alive);
  CHECK(viewer.seen->bytes() == "result");
  REQUIRE(viewer.seen->count<viewer_exit>() == 1);
  CHECK(viewer.seen->last<viewer_exit>()->exit == terminal_exit{1, 0});
}

TEST_CASE_METHOD(terminal_fixture, "the listener hears of the exit once") {
  program->exit(2);
  run();
  auto viewer = watch_all();
  send(term, ring_advanced{});
  run();
  REQUIRE(exits.size() == 1);
  CHECK(exits.front().key == 1);
  CHECK(exits.front().exit == terminal_exit{2, 0});
}

TEST_CASE_METHOD(terminal_fixture,
                 "the listener hears of an exit nobody watched") {
  print("unseen");
  program->exit(0);
  run();
  CHECK(exits.size() == 1);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a session that ended before its actor began has ended") {
  program->exit(5);
  const auto again = keep(system.spawn(terminal, terminal_record{},
                                       program->get(), listener, &counted));
  run();
  const auto kept = ask<scrollback>(again, get_scrollback{});
  REQUIRE(kept);
  CHECK_FALSE(kept->alive);
  CHECK(kept->exit == terminal_exit{5, 0});
}

TEST_CASE_METHOD(terminal_fixture, "a resize after the exit is not found") {
  use({.input = fake_input::pty});
  program->exit(0);
  run();
  const auto answer = ask<terminal_size>(term, resize_terminal{{100, 30}});
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == errc::not_found);
}

TEST_CASE_METHOD(terminal_fixture, "a resize the pty refuses is our failure") {
  const auto answer = ask<terminal_size>(term, resize_terminal{{100, 30}});
  REQUIRE(answer.has_error()); // the fake's input has no window
  CHECK(answer.error().code == errc::internal);
  CHECK(answer.error().detail.starts_with("resize terminal 7: "));
}

TEST_CASE_METHOD(terminal_fixture, "the exit shows in the kept output") {
  print("kept");
  program->exit(4);
  run();
  const auto kept = ask<scrollback>(term, get_scrollback{});
  REQUIRE(kept);
  CHECK_FALSE(kept->alive);
  CHECK(kept->exit == terminal_exit{4, 0});
  CHECK(kept->bytes == "kept");
}

TEST_CASE_METHOD(terminal_fixture, "a lost session ends with its reason") {
  auto viewer = watch_all();
  send(term, lose_session{"the holder died"});
  run();
  REQUIRE(viewer.seen->count<viewer_exit>() == 1);
  CHECK(viewer.seen->last<viewer_exit>()->exit.code == lost_exit_code);
  CHECK(viewer.seen->last<viewer_exit>()->reason == "the holder died");
}

TEST_CASE_METHOD(terminal_fixture, "a lost session's output is still given") {
  print("before the end");
  send(term, lose_session{"the holder died"});
  run();
  auto viewer = watch_all();
  CHECK(viewer.seen->bytes() == "before the end");
  CHECK(viewer.seen->count<viewer_exit>() == 1);
}

TEST_CASE_METHOD(terminal_fixture, "the listener hears of a lost session") {
  send(term, lose_session{"the holder died"});
  run();
  REQUIRE(exits.size() == 1);
  CHECK(exits.front().exit.code == lost_exit_code);
}

} // namespace outrigger
