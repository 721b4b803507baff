// Who watches a terminal, and from where.

#include "tests/actors/terminal_fixture.hpp"

namespace outrigger {

TEST_CASE_METHOD(terminal_fixture,
                 "a replay does not begin inside an escape sequence") {
  use({.capacity = 256 * 1024});
  const std::string colour = "\x1b[38;5;196m";
  print("line\n" + colour + std::string(limits::default_scrollback - 6, 'a'));
  auto viewer = watch_all();
  CHECK(viewer.seen->last<viewer_attached>()->offset == 5);
  CHECK(viewer.seen->bytes().starts_with(colour));
}

TEST_CASE_METHOD(terminal_fixture,
                 "a replay from inside a picture begins with the picture") {
  use({.capacity = 256 * 1024});
  const auto picture = "\x1bPq" + numbered_lines(100'000) + "\x1b\\";
  print("line\n" + picture + "prompt");
  auto viewer = watch_all();
  CHECK(viewer.seen->bytes() == picture + "prompt");
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer is told where its output starts before any of it") {
  print("hello\n");
  auto viewer = watch_all();
  REQUIRE(viewer.seen->events.size() >= 2);
  const auto* start = std::get_if<viewer_attached>(&viewer.seen->events[0]);
  REQUIRE(start != nullptr);
  CHECK(start->id == id);
  CHECK(start->key == 1);
  CHECK(start->offset == 0);
  CHECK(start->tail == 0);
  CHECK(start->head == 6);
  CHECK(start->size == terminal_size{80, 24});
  CHECK(start->alive);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that attaches late sees the scrollback first") {
  print("hello ");
  auto viewer = watch_all();
  print("world");
  CHECK(viewer.seen->bytes() == "hello world");
}

TEST_CASE_METHOD(terminal_fixture,
                 "the scrollback is at most as long as the creator asked") {
  use({}, 1024);
  const auto text = numbered_lines(5000);
  print(text);
  auto viewer = watch_all();
  const auto seen = viewer.seen->bytes();
  CHECK(seen.size() <= 1024);
  CHECK(seen.size() > 900); // a line may be cut off at the front
  CHECK(text.ends_with(seen));
}

TEST_CASE_METHOD(terminal_fixture,
                 "scrollback and live output follow without gap or repeat") {
  const auto text = numbered_lines(150'000);
  print(std::string_view{text}.substr(0, 50'000));
  auto viewer = watch();
  print(std::string_view{text}.substr(50'000, 50'000));
  read_all(viewer, 1000);
  print(std::string_view{text}.substr(100'000));
  read_all(viewer, 1000);
  CHECK(viewer.seen->bytes() == text);
  CHECK(viewer.seen->contiguous());
}

TEST_CASE_METHOD(terminal_fixture,
                 "output printed while a viewer attaches reaches it once") {
  auto viewer = new_viewer();
  program->print("before ");
  send(term, attach_viewer{viewer.who, viewer.handle, std::nullopt});
  program->print("during ");
  run();
  read_all(viewer);
  print("after");
  CHECK(viewer.seen->bytes() == "before during after");
}

TEST_CASE_METHOD(terminal_fixture, "viewers get the same bytes") {
  auto first = watch_all();
  auto second = watch_all();
  print("one ");
  read_all(first);
  print("two ");
  read_all(first);
  read_all(second);
  print("three");
  CHECK(first.seen->bytes() == "one two three");
  CHECK(second.seen->bytes() == "one two three");
}

TEST_CASE_METHOD(terminal_fixture, "a detached viewer hears nothing more") {
  auto viewer = watch_all();
  send(term, detach_viewer{viewer.who});
  print("secret");
  pull(viewer);
  CHECK(viewer.seen->bytes().empty());
}

TEST_CASE_METHOD(terminal_fixture, "a viewer that attaches again starts anew") {
  print("text");
  auto viewer = watch_all();
  attach(viewer);
  read_all(viewer);
  CHECK(viewer.seen->count<viewer_attached>() == 2);
  CHECK(viewer.seen->bytes() == "texttext");
}

TEST_CASE_METHOD(terminal_fixture, "a viewer that dies is detached") {
  use({.capacity = 4096});
  auto viewer = watch();
  CHECK(program->credit() == 4096);
  end(viewer.handle, true);
  CHECK(program->credit() == os::free_running);
  CHECK(print(std::string(10'000, 'x')) == 10'000);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that dies does not take the others with it") {
  auto doomed = watch_all();
  auto other = watch_all();
  end(doomed.handle, true);
  print("still here");
  CHECK(other.seen->bytes() == "still here");
}

TEST_CASE_METHOD(terminal_fixture,
                 "the size told to a viewer is the latest one applied") {
  use({.input = fake_input::pty});
  REQUIRE(ask<terminal_size>(term, resize_terminal{{132, 50}}));
  auto viewer = watch();
  CHECK(viewer.seen->last<viewer_attached>()->size == terminal_size{132, 50});
}

TEST_CASE_METHOD(terminal_fixture, "a resize reaches the program's pty") {
  use({.input = fake_input::pty});
  const auto applied = ask<terminal_size>(term, resize_terminal{{100, 30}});
  REQUIRE(applied);
  CHECK(*applied == terminal_size{100, 30});
  CHECK(program->window() == std::pair{100, 30});
}

TEST_CASE_METHOD(terminal_fixture, "the kept output can be read at once") {
  print("kept\n");
  const auto kept = ask<scrollback>(term, get_scrollback{});
  REQUIRE(kept);
  CHECK(kept->bytes == "kept\n");
  CHECK(kept->offset == 0);
  CHECK(kept->head == 5);
  CHECK(kept->session == "0000000000000001");
  CHECK(kept->alive);
  CHECK_FALSE(kept->exit);
}

TEST_CASE_METHOD(terminal_fixture, "only the last bytes are read when asked") {
  print("0123456789");
  const auto kept = ask<scrollback>(term, get_scrollback{4});
  REQUIRE(kept);
  CHECK(kept->bytes == "6789");
  CHECK(kept->offset == 6);
  CHECK(kept->head == 10);
}

TEST_CASE_METHOD(terminal_fixture, "reading no bytes still tells the head") {
  print("0123456789");
  const auto kept = ask<scrollback>(term, get_scrollback{0});
  REQUIRE(kept);
  CHECK(kept->bytes.empty());
  CHECK(kept->head == 10);
}

TEST_CASE_METHOD(terminal_fixture,
                 "asking for more than is kept costs no more than what is") {
  use({.capacity = 64u << 20});
  const std::uint64_t history = std::uint64_t{1} << 42;
  REQUIRE(program->print_quickly(history) == history);
  print("end");
  const auto kept = ask<scrollback>(term, get_scrollback{SIZE_MAX}); // all
  REQUIRE(kept);
  CHECK(kept->bytes.size() <= program->capacity());
  CHECK(kept->bytes.ends_with("end"));
  CHECK(kept->head == history + 3);
}

} // namespace outrigger
