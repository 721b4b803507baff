// How output leaves a terminal: one slice for each pull.

#include "tests/actors/terminal_fixture.hpp"

namespace outrigger {

TEST_CASE_METHOD(terminal_fixture, "nothing is sent without a pull") {
  auto viewer = watch();
  print("text");
  CHECK(viewer.seen->count<output_slice>() == 0);
}

TEST_CASE_METHOD(terminal_fixture, "a pull is answered by one slice") {
  auto viewer = watch();
  print(numbered_lines(10'000));
  pull(viewer, 1000);
  CHECK(viewer.seen->count<output_slice>() == 1);
  print("more");
  CHECK(viewer.seen->count<output_slice>() == 1);
}

TEST_CASE_METHOD(terminal_fixture, "a slice is at most as long as was asked") {
  print(numbered_lines(10'000)); // replayed
  auto viewer = watch();
  read_all(viewer, 700);
  print(numbered_lines(10'000)); // live
  read_all(viewer, 700);
  CHECK(viewer.seen->bytes().size() == 20'000);
  for (const auto& slice : viewer.seen->all<output_slice>())
    CHECK(slice.bytes->size() <= 700);
}

TEST_CASE_METHOD(terminal_fixture, "live output fills the slice it may") {
  auto viewer = watch();
  print(std::string(10'000, 'x'));
  pull(viewer, 4000);
  REQUIRE(viewer.seen->count<output_slice>() == 1);
  CHECK(viewer.seen->last<output_slice>()->bytes->size() == 4000);
}

TEST_CASE_METHOD(terminal_fixture, "an open pull is answered by new output") {
  auto viewer = watch();
  pull(viewer);
  CHECK(viewer.seen->count<output_slice>() == 0);
  print("now");
  CHECK(viewer.seen->bytes() == "now");
}

TEST_CASE_METHOD(terminal_fixture, "two pulls before any output are one") {
  auto viewer = watch();
  pull(viewer);
  pull(viewer);
  print("first");
  print("second");
  CHECK(viewer.seen->bytes() == "first");
}

TEST_CASE_METHOD(terminal_fixture, "a pull of a stranger is ignored") {
  auto viewer = watch();
  auto stranger = new_viewer();
  pull(stranger);
  print("text");
  CHECK(stranger.seen->events.empty());
}

TEST_CASE_METHOD(terminal_fixture,
                 "one viewer's pull sends nothing to others") {
  auto first = watch();
  auto second = watch();
  print("text");
  pull(first);
  CHECK(first.seen->bytes() == "text");
  CHECK(second.seen->bytes().empty());
}

TEST_CASE_METHOD(terminal_fixture, "viewers at one place share one copy") {
  auto first = watch();
  auto second = watch();
  print("text");
  pull(first);
  pull(second);
  REQUIRE(first.seen->count<output_slice>() == 1);
  REQUIRE(second.seen->count<output_slice>() == 1);
  CHECK(first.seen->last<output_slice>()->bytes ==
        second.seen->last<output_slice>()->bytes);
}

TEST_CASE_METHOD(terminal_fixture, "a shared copy respects a smaller pull") {
  auto first = watch();
  auto second = watch();
  print(std::string(5000, 'x'));
  pull(first, 5000);
  pull(second, 100);
  REQUIRE(second.seen->count<output_slice>() == 1);
  CHECK(second.seen->last<output_slice>()->bytes->size() == 100);
}

TEST_CASE_METHOD(terminal_fixture, "every slice says where it is") {
  auto viewer = watch();
  print("0123456789");
  pull(viewer, 4);
  pull(viewer, 4);
  const auto slices = viewer.seen->all<output_slice>();
  REQUIRE(slices.size() == 2);
  CHECK(slices[0].id == id);
  CHECK(slices[0].offset == 0);
  CHECK(slices[1].offset == 4);
  CHECK(*slices[1].bytes == "4567");
}

TEST_CASE_METHOD(terminal_fixture, "live output may be cut anywhere") {
  auto viewer = watch();
  pull(viewer, 3);
  print("\x1B[6n\xC3\xA9"); // a query and a character of two bytes
  read_all(viewer, 3);
  CHECK(viewer.seen->bytes() == "\x1B[6n\xC3\xA9");
}

} // namespace outrigger
