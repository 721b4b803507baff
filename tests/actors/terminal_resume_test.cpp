// Going on where a viewer was.

#include "tests/actors/terminal_fixture.hpp"

namespace outrigger {

TEST_CASE_METHOD(terminal_fixture, "a viewer resumes at the exact byte") {
  print("0123456789");
  auto viewer = watch_all(4);
  CHECK(viewer.seen->last<viewer_attached>()->offset == 4);
  CHECK(viewer.seen->count<output_gap>() == 0);
  CHECK(viewer.seen->bytes() == "456789");
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer resumes before its scrollback if that is kept") {
  use({}, 1024);
  const auto text = numbered_lines(10'000);
  print(text);
  auto viewer = watch_all(100);
  CHECK(viewer.seen->bytes() == text.substr(100));
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that has everything resumes with what follows") {
  print("old");
  auto viewer = watch_all(3);
  CHECK(viewer.seen->bytes().empty());
  print("new");
  CHECK(viewer.seen->bytes() == "new");
}

TEST_CASE_METHOD(terminal_fixture, "offset 0 is resumed too") {
  print("all of it");
  auto viewer = watch_all(0);
  CHECK(viewer.seen->bytes() == "all of it");
  CHECK(viewer.seen->count<output_gap>() == 0);
}

TEST_CASE_METHOD(terminal_fixture,
                 "the oldest byte kept can be resumed without a gap") {
  use({.capacity = 4096});
  const auto text = numbered_lines(10'000);
  print(text);
  const auto tail = program->head() - program->capacity();
  auto viewer = watch_all(tail);
  CHECK(viewer.seen->count<output_gap>() == 0);
  CHECK(viewer.seen->bytes() == text.substr(tail));
}

TEST_CASE_METHOD(terminal_fixture,
                 "what is not kept any more is a gap before the rest") {
  use({.capacity = 4096});
  const auto text = numbered_lines(10'000);
  print(text);
  auto viewer = watch_all(1000);
  const auto gap = viewer.seen->last<output_gap>();
  REQUIRE(gap);
  CHECK(gap->id == id);
  CHECK(gap->from == 1000);
  CHECK(gap->to >= 10'000 - 4096);
  CHECK(viewer.seen->last<viewer_attached>()->offset == gap->to);
  CHECK(viewer.seen->bytes() == text.substr(gap->to));
  CHECK(viewer.seen->contiguous());
}

TEST_CASE_METHOD(terminal_fixture,
                 "after a gap output starts at a safe place") {
  use({.capacity = 4096});
  const auto text = numbered_lines(10'000);
  print(text);
  auto viewer = watch_all(0);
  CHECK(text[viewer.seen->last<output_gap>()->to - 1] == '\n');
}

TEST_CASE_METHOD(terminal_fixture, "the gap comes before the first byte") {
  use({.capacity = 4096});
  print(numbered_lines(10'000));
  auto viewer = watch_all(0);
  REQUIRE(viewer.seen->events.size() >= 3);
  CHECK(std::holds_alternative<viewer_attached>(viewer.seen->events[0]));
  CHECK(std::holds_alternative<output_gap>(viewer.seen->events[1]));
  CHECK(std::holds_alternative<output_slice>(viewer.seen->events[2]));
}

TEST_CASE_METHOD(terminal_fixture,
                 "an offset that was never printed is refused") {
  print("short");
  auto viewer = watch_all(6);
  REQUIRE(viewer.seen->events.size() == 1);
  const auto refusal = viewer.seen->last<viewer_refused>();
  REQUIRE(refusal);
  CHECK(refusal->id == id);
  CHECK(refusal->why.code == errc::malformed);
}

TEST_CASE_METHOD(terminal_fixture, "a refused viewer does not hold anyone up") {
  use({.capacity = 4096});
  auto viewer = watch(1);
  CHECK(program->credit() == os::free_running);
}

TEST_CASE_METHOD(terminal_fixture,
                 "nothing between attach and the first pull is overwritten") {
  use({.capacity = 4096});
  print(std::string(4000, 'a') + "\n");
  auto viewer = watch(0);
  print(std::string(8000, 'b'));
  read_all(viewer);
  CHECK(viewer.seen->bytes().starts_with(std::string(4000, 'a')));
  CHECK(viewer.seen->count<output_gap>() == 0);
}

} // namespace outrigger
