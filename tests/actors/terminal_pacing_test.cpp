// How viewers pace the program, and when they may not.

#include "tests/actors/terminal_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t capacity = 16 * 1024;
const fake_session_options small_ring{.capacity = capacity};
const fake_session_options large_ring{.capacity = 1024 * 1024};

/// Endless output: as much as the program gets rid of.
const std::string flood(4 * 1024 * 1024, 'x');

} // namespace

// -- credit -------------------------------------------------------------------

TEST_CASE_METHOD(terminal_fixture, "without viewers the program runs freely") {
  use(small_ring);
  CHECK(program->credit() == os::free_running);
  CHECK(print(flood) == flood.size());
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that reads nothing stops the program after a ring") {
  use(small_ring);
  auto viewer = watch();
  CHECK(program->credit() == capacity);
  CHECK(print(flood) == capacity);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a large ring lets the program run no further ahead") {
  use(large_ring);
  auto viewer = watch();
  CHECK(print(flood) == limits::default_ring);
}

TEST_CASE_METHOD(terminal_fixture, "reading lets the program go on as far") {
  use(small_ring);
  auto viewer = watch();
  print(flood);
  pull(viewer, 1000);
  CHECK(program->credit() == capacity + 1000);
  CHECK(print(flood) == 1000);
}

TEST_CASE_METHOD(terminal_fixture, "a stopped program is woken by reading") {
  use(small_ring);
  auto viewer = watch();
  print(flood);
  program->woken();
  program->print(flood); // tries again, in vain, and waits
  pull(viewer);
  CHECK(program->woken());
}

TEST_CASE_METHOD(terminal_fixture, "the slowest viewer is the one that paces") {
  use(small_ring);
  auto fast = watch();
  auto slow = watch();
  print(flood);
  pull(fast, 8000);
  pull(slow, 500);
  CHECK(program->credit() == capacity + 500);
}

TEST_CASE_METHOD(terminal_fixture, "a detached viewer paces nobody") {
  use(small_ring);
  auto viewer = watch();
  print(flood);
  send(term, detach_viewer{viewer.who});
  run();
  CHECK(program->credit() == os::free_running);
  CHECK(program->woken());
}

TEST_CASE_METHOD(terminal_fixture, "a lossless viewer loses nothing") {
  use(small_ring);
  const auto text = numbered_lines(200'000);
  auto viewer = watch();
  std::size_t printed = 0;
  while (printed < text.size()) {
    printed += print(std::string_view{text}.substr(printed));
    read_all(viewer, 3000);
  }
  CHECK(viewer.seen->bytes() == text);
  CHECK(viewer.seen->count<output_gap>() == 0);
}

// -- patience -----------------------------------------------------------------

TEST_CASE_METHOD(terminal_fixture,
                 "alone, a viewer may hold the program for five seconds") {
  use(small_ring);
  auto viewer = watch();
  print(flood);
  advance(4900ms);
  CHECK(print(flood) == 0);
  advance(200ms);
  CHECK(print(flood) > 0);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that advances in time keeps the program waiting") {
  use(small_ring);
  auto viewer = watch();
  print(flood);
  for (int i = 0; i < 5; ++i) {
    advance(4s);
    pull(viewer, 100);
    print(flood);
  }
  read_all(viewer);
  CHECK(viewer.seen->count<output_gap>() == 0);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that holds nobody up is given all the time") {
  use(small_ring);
  auto viewer = watch();
  print("half a screen");
  advance(1min);
  CHECK(print(flood) == capacity - 13);
}

TEST_CASE_METHOD(terminal_fixture,
                 "patience begins when the program has to wait") {
  use(small_ring);
  auto viewer = watch();
  advance(1min); // nothing printed: nothing to be late with
  print(flood);
  advance(1s);
  CHECK(print(flood) == 0);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that others wait for is given less time") {
  use(small_ring);
  auto hidden = watch();
  auto visible = watch();
  print(flood);
  read_all(visible);
  advance(shared_patience - patience_tick);
  CHECK(print(flood) == 0);
  advance(2 * patience_tick);
  CHECK(print(flood) > 0);
  CHECK(visible.seen->bytes().size() > capacity);
}

TEST_CASE_METHOD(terminal_fixture,
                 "viewers that stopped at different places are given the time "
                 "together") {
  use(small_ring);
  std::vector<watcher> stopped;
  for (std::size_t i = 0; i < 5; ++i)
    stopped.push_back(watch());
  auto visible = watch();
  print(flood);
  for (std::size_t i = 0; i < stopped.size(); ++i)
    pull(stopped[i], 500 - 100 * i);
  read_all(visible);
  print(flood); // 100 bytes, for the last of them
  read_all(visible);
  advance(shared_patience + 2 * patience_tick);
  CHECK(print(flood) == capacity); // as far as the visible one lets it
}

TEST_CASE_METHOD(terminal_fixture,
                 "the time others wait for a viewer is counted from then on") {
  use(small_ring);
  auto hidden = watch();
  auto visible = watch();
  advance(1min); // nothing printed: nobody waits
  print(flood);
  read_all(visible);
  advance(shared_patience - patience_tick);
  CHECK(print(flood) == 0);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that is late is told what it missed") {
  use(small_ring);
  const auto text = numbered_lines(200'000);
  auto viewer = watch();
  print(text);
  advance(6s);
  print(std::string_view{text}.substr(capacity));
  read_all(viewer);
  const auto gap = viewer.seen->last<output_gap>();
  REQUIRE(gap);
  CHECK(gap->from == 0);
  CHECK(gap->to >= text.size() - capacity);
  CHECK(text[gap->to - 1] == '\n');
  CHECK(viewer.seen->bytes() == text.substr(gap->to));
  CHECK(viewer.seen->contiguous());
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that is late but was not overtaken misses nothing") {
  use(small_ring);
  const auto text = numbered_lines(capacity);
  auto viewer = watch();
  print(text);
  advance(6s);
  read_all(viewer);
  CHECK(viewer.seen->bytes() == text);
  CHECK(viewer.seen->count<output_gap>() == 0);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a viewer that has caught up paces the program again") {
  use(small_ring);
  auto viewer = watch();
  print(flood);
  advance(6s);
  print(flood);
  CHECK(program->credit() == os::free_running);
  read_all(viewer);
  CHECK(program->credit() == program->head() + capacity);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a late viewer does not hold back one that reads") {
  use(small_ring);
  auto late = watch();
  auto prompt = watch();
  print(flood);
  read_all(prompt);
  advance(2s);
  const auto text = numbered_lines(capacity * 2);
  const auto before = prompt.seen->bytes().size();
  std::size_t printed = 0;
  for (int i = 0; i < 10 && printed < text.size(); ++i) {
    printed += print(std::string_view{text}.substr(printed));
    read_all(prompt);
  }
  CHECK(prompt.seen->bytes().substr(before) == text);
}

TEST_CASE_METHOD(terminal_fixture, "nothing ticks while everyone has it all") {
  auto viewer = watch_all();
  print("text");
  read_all(viewer);
  advance(1s);
  CHECK_FALSE(has_timeouts());
}

// -- acknowledgements ---------------------------------------------------------

namespace {

class ack_fixture : public terminal_fixture {
public:
  ack_fixture() { use(large_ring); }

  /// The program prints and the viewer reads, more than a window's worth.
  void flow(const watcher& viewer) {
    for (int round = 0; round < 4; ++round) {
      print(flood);
      read_all(viewer);
    }
  }

  /// A second viewer reads what the program prints, while `hidden` renders
  /// nothing.
  void leave_behind(const watcher& hidden) {
    auto visible = watch();
    for (int i = 0; i < 20; ++i) {
      print(flood);
      read_all(hidden);
      read_all(visible);
      advance(1s);
    }
  }
};

} // namespace

TEST_CASE_METHOD(ack_fixture, "without acks the window is not limited") {
  auto viewer = watch();
  flow(viewer);
  CHECK(viewer.seen->bytes().size() > limits::ack_window);
}

TEST_CASE_METHOD(ack_fixture,
                 "after the first ack 256 KiB are in flight at most") {
  auto viewer = watch();
  ack(viewer, 0);
  flow(viewer);
  CHECK(viewer.seen->bytes().size() == limits::ack_window);
}

TEST_CASE_METHOD(ack_fixture, "an ack makes room for as much again") {
  auto viewer = watch();
  ack(viewer, 0);
  flow(viewer);
  ack(viewer, 1000);
  flow(viewer);
  CHECK(viewer.seen->bytes().size() == limits::ack_window + 1000);
}

TEST_CASE_METHOD(ack_fixture,
                 "an ack alone answers a pull that waited for it") {
  auto viewer = watch();
  ack(viewer, 0);
  flow(viewer);
  print(flood); // there is more
  ack(viewer, 1000);
  CHECK(viewer.seen->bytes().size() == limits::ack_window + 1000);
}

TEST_CASE_METHOD(ack_fixture, "an ack of what was never sent is ignored") {
  auto viewer = watch();
  ack(viewer, 0);
  flow(viewer);
  ack(viewer, limits::ack_window + 1);
  flow(viewer);
  CHECK(viewer.seen->bytes().size() == limits::ack_window);
}

TEST_CASE_METHOD(ack_fixture, "an older ack takes nothing back") {
  auto viewer = watch();
  ack(viewer, 0);
  flow(viewer);
  ack(viewer, 5000);
  ack(viewer, 10);
  flow(viewer);
  CHECK(viewer.seen->bytes().size() == limits::ack_window + 5000);
}

TEST_CASE_METHOD(ack_fixture,
                 "a program does not run far ahead of what was rendered") {
  auto viewer = watch();
  ack(viewer, 0);
  flow(viewer);
  CHECK(program->head() >= limits::ack_window);
  CHECK(program->head() <= limits::ack_window + 32 * 1024);
  CHECK(print(flood) == 0);
}

TEST_CASE_METHOD(terminal_fixture,
                 "skipped bytes need no ack for the next ones to be sent") {
  use({.capacity = limits::ack_window});
  auto viewer = watch();
  ack(viewer, 0);
  print(flood);
  read_all(viewer); // the window is full
  print(flood);
  advance(6s);
  print(flood);                    // overtakes it
  ack(viewer, limits::ack_window); // all it was sent is rendered
  read_all(viewer);
  REQUIRE(viewer.seen->last<output_gap>());
  CHECK(viewer.seen->bytes().size() > limits::ack_window);
}

TEST_CASE_METHOD(
    terminal_fixture,
    "a viewer overtaken while others read goes on after its acks") {
  use({.capacity = limits::ack_window});
  auto slow = watch();
  auto fast = watch();
  ack(slow, 0);
  print(std::string_view{flood}.substr(0, limits::ack_window));
  read_all(slow); // the window is full
  for (int i = 0; i < 10; ++i) {
    read_all(fast);
    advance(1s);
    print(std::string_view{flood}.substr(0, limits::ack_window));
  }
  ack(slow, limits::ack_window); // all it was sent is rendered
  read_all(slow);
  CHECK(slow.seen->bytes().size() > limits::ack_window);
}

TEST_CASE_METHOD(ack_fixture,
                 "a viewer that renders nothing is not told gap after gap") {
  auto hidden = watch();
  ack(hidden, 0);
  leave_behind(hidden);
  REQUIRE(program->head() > 2 * large_ring.capacity);
  CHECK(hidden.seen->count<output_gap>() <= 1);
}

TEST_CASE_METHOD(ack_fixture, "an ack inside a gap is as good as its end") {
  auto hidden = watch();
  ack(hidden, 0);
  leave_behind(hidden);
  ack(hidden, limits::ack_window);
  read_all(hidden);
  const auto gap = hidden.seen->last<output_gap>();
  REQUIRE(gap);
  ack(hidden, gap->from + 1);
  ack(hidden, gap->to);
  flow(hidden);
  CHECK(hidden.seen->bytes().size() == 2 * limits::ack_window);
  CHECK(hidden.seen->contiguous());
}

} // namespace outrigger
