// What a terminal counts, and how far behind it says its viewers are.

#include "tests/actors/terminal_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

class meters_fixture : public terminal_fixture {
public:
  std::vector<viewer_lag> lags() {
    auto answer = ask<viewer_lags>(term, measure_viewers{});
    REQUIRE(answer);
    CHECK(answer->id == id);
    return answer->viewers;
  }
};

} // namespace

TEST_CASE_METHOD(meters_fixture, "output is counted for each viewer") {
  print("hello");
  watch_all();
  CHECK(counted.output_bytes == 5);
  watch_all();
  CHECK(counted.output_bytes == 10);
}

TEST_CASE_METHOD(meters_fixture, "input is counted as the pty takes it") {
  const auto viewer = watch();
  type(viewer, std::string(fake_session::pipe_size + 10, 'x'));
  CHECK(counted.input_bytes == fake_session::pipe_size);
  program->typed();
  run();
  CHECK(counted.input_bytes == fake_session::pipe_size + 10);
}

TEST_CASE_METHOD(meters_fixture, "a program that waits is one pause") {
  const auto viewer = watch();
  const auto printed = print(numbered_lines(1'000'000));
  REQUIRE(printed < 1'000'000);
  advance(1s);
  CHECK(counted.pauses == 1);
  advance(1s); // still the same one
  CHECK(counted.pauses == 1);
  pull(viewer);
  CHECK(counted.pauses == 1);
  print(numbered_lines(1'000'000));
  pull(viewer);
  CHECK(counted.pauses == 2);
}

TEST_CASE_METHOD(meters_fixture, "a pause nobody looked at counts as well") {
  const auto viewer = watch();
  print(numbered_lines(1'000'000));
  pull(viewer); // before the first tick
  CHECK(counted.pauses == 1);
}

TEST_CASE_METHOD(meters_fixture, "nobody is waited for: no pause") {
  print(numbered_lines(1'000'000));
  const auto viewer = watch_all();
  print("more");
  read_all(viewer);
  advance(10s);
  CHECK(counted.pauses == 0);
  CHECK(counted.left_behind == 0);
  CHECK(counted.gaps == 0);
}

TEST_CASE_METHOD(meters_fixture,
                 "a viewer left behind counts once, its gap by its bytes") {
  const auto viewer = watch();
  print(numbered_lines(1'000'000));
  advance(6s);
  CHECK(counted.left_behind == 1);
  CHECK(counted.gaps == 0); // it has not been told yet
  print(numbered_lines(1'000'000));
  advance(6s);
  CHECK(counted.left_behind == 1);
  pull(viewer);
  const auto gap = viewer.seen->last<output_gap>();
  REQUIRE(gap);
  CHECK(counted.gaps == 1);
  CHECK(counted.dropped_bytes == gap->to - gap->from);
}

TEST_CASE_METHOD(meters_fixture, "a gap at a late return counts") {
  print(numbered_lines(1'000'000));
  const auto viewer = watch(10);
  const auto gap = viewer.seen->last<output_gap>();
  REQUIRE(gap);
  CHECK(counted.gaps == 1);
  CHECK(counted.dropped_bytes == gap->to - 10);
}

TEST_CASE_METHOD(meters_fixture, "a viewer is behind by what it was not sent") {
  const auto ready = watch_all();
  const auto idle = watch();
  print("12345");
  const auto all = lags();
  REQUIRE(all.size() == 2);
  CHECK(all[0].who == ready.who);
  CHECK(all[0].bytes == 0);
  CHECK(all[1].who == idle.who);
  CHECK(all[1].bytes == 5);
}

TEST_CASE_METHOD(meters_fixture,
                 "one that acknowledges is behind by what it has not") {
  const auto viewer = watch();
  print("12345");
  ack(viewer, 0);
  read_all(viewer);
  CHECK(lags().front().bytes == 5);
  ack(viewer, 3);
  CHECK(lags().front().bytes == 2);
  print("678");
  CHECK(lags().front().bytes == 5);
}

TEST_CASE_METHOD(meters_fixture, "one that has gone is not measured") {
  const auto viewer = watch();
  send(term, detach_viewer{viewer.who});
  run();
  CHECK(lags().empty());
}

} // namespace outrigger
