// A time limit that is moved far more often than it is reached.

#include "net/deadline.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using clock = deadline::clock;

/// What a connection does with one.
struct owner {
  explicit owner(boost::asio::io_context& loop) : limit{loop} {}

  deadline limit;
  int passed = 0;
};

struct deadline_fixture {
  deadline_fixture() {
    held->limit.on_passed(held, [this] {
      ++held->passed;
      passed_at = clock::now();
    });
  }

  /// Runs until no timer is armed any more.
  void run() {
    loop.restart();
    loop.run();
  }

  boost::asio::io_context loop{1};
  std::shared_ptr<owner> held = std::make_shared<owner>(loop);
  clock::time_point begin = clock::now();
  clock::time_point passed_at;
};

} // namespace

TEST_CASE_METHOD(deadline_fixture, "a limit that was never set never passes") {
  run();
  CHECK(held->passed == 0);
}

TEST_CASE_METHOD(deadline_fixture, "a limit passes once, not before its time") {
  held->limit.set(20ms);
  run();
  CHECK(held->passed == 1);
  CHECK(passed_at - begin >= 20ms);
  run();
  CHECK(held->passed == 1);
}

TEST_CASE_METHOD(deadline_fixture, "a limit that was moved on passes later") {
  held->limit.set(5ms);
  held->limit.set(40ms);
  run();
  CHECK(held->passed == 1);
  CHECK(passed_at - begin >= 40ms);
}

TEST_CASE_METHOD(deadline_fixture, "a limit may be moved nearer") {
  held->limit.set(1h);
  held->limit.set(10ms);
  loop.run_for(10s); // far less than an hour: it passes, or the test fails
  CHECK(held->passed == 1);
}

TEST_CASE_METHOD(deadline_fixture, "a limit may be moved to and fro") {
  for (int i = 0; i < 1000; ++i)
    held->limit.set(i % 2 == 0 ? 1h : 5ms);
  loop.run_for(10s);
  CHECK(held->passed == 1);
}

TEST_CASE_METHOD(deadline_fixture, "a cancelled limit does not pass") {
  held->limit.set(5ms);
  held->limit.cancel();
  run();
  CHECK(held->passed == 0);
}

TEST_CASE_METHOD(deadline_fixture, "a cancelled limit may be set anew") {
  held->limit.set(5ms);
  held->limit.cancel();
  held->limit.set(30ms);
  run();
  CHECK(held->passed == 1);
  CHECK(passed_at - begin >= 30ms);
}

TEST_CASE_METHOD(deadline_fixture, "one that has passed may be set anew") {
  held->limit.set(1ms);
  run();
  held->limit.set(1ms);
  run();
  CHECK(held->passed == 2);
}

TEST_CASE_METHOD(deadline_fixture, "one may be set anew while it passes") {
  held->limit.on_passed(held, [this] {
    if (++held->passed < 3)
      held->limit.set(1ms);
  });
  held->limit.set(1ms);
  run();
  CHECK(held->passed == 3);
}

TEST_CASE_METHOD(deadline_fixture, "a time that is over passes at once") {
  held->limit.set(0ms);
  run();
  CHECK(held->passed == 1);
  held->limit.set(-1h);
  run();
  CHECK(held->passed == 2);
}

TEST_CASE_METHOD(deadline_fixture, "nothing happens to an owner that is gone") {
  bool passed = false;
  held->limit.on_passed(held, [&passed] { passed = true; });
  held->limit.set(1ms);
  held.reset();
  run();
  CHECK_FALSE(passed);
}

TEST_CASE_METHOD(deadline_fixture,
                 "one whose time came as its owner ended does nothing") {
  bool passed = false;
  held->limit.on_passed(held, [&passed] { passed = true; });
  held->limit.set(0ms);
  // The timer is due before the owner goes, its callback runs after.
  boost::asio::post(loop, [this] { held.reset(); });
  run();
  CHECK_FALSE(passed);
}

TEST_CASE_METHOD(deadline_fixture,
                 "one that is moved on all the time arms few timers") {
  held->limit.set(20ms);
  for (int i = 0; i < 100'000; ++i)
    held->limit.set(20ms + std::chrono::microseconds{i});
  std::size_t fired = 0;
  loop.restart();
  while (loop.run_one() > 0)
    ++fired;
  CHECK(held->passed == 1);
  CHECK(fired < 10);
}

} // namespace outrigger
