#include "net/transfer_pace.hpp"

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

using namespace std::chrono_literals;

class paced {
public:
  explicit paced(const transfer_pace::rule& rule) : pace_{rule} {}

  /// Waits, then so much moves; whether it was in time.
  bool take(std::chrono::milliseconds wait, std::uint64_t bytes) {
    pace_.begin(now_);
    const bool in_time = wait < pace_.left();
    now_ += wait;
    pace_.end(now_);
    pace_.moved(bytes);
    return in_time;
  }
  /// Our own turn.
  void work(std::chrono::milliseconds time) { now_ += time; }

private:
  transfer_pace pace_;
  std::chrono::steady_clock::time_point now_{};
};

} // namespace

TEST_CASE("a pause may last as long as the patience, again and again") {
  paced peer{{10s}};
  for (int i = 0; i < 1000; ++i)
    CHECK(peer.take(9'999ms, 1));
  CHECK_FALSE(peer.take(10s, 1));
}

TEST_CASE("drops below the least amount share one patience") {
  paced peer{{10s, 1024}};
  for (int i = 0; i < 9; ++i)
    CHECK(peer.take(1s, 100));
  CHECK_FALSE(peer.take(1s, 100));
}

TEST_CASE("the least amount renews the patience, however it comes") {
  paced peer{{10s, 1024}};
  for (int i = 0; i < 100; ++i) {
    CHECK(peer.take(4s, 512));
    CHECK(peer.take(5s, 512));
  }
  CHECK_FALSE(peer.take(10s, 1));
}

TEST_CASE("what our own side takes does not count") {
  paced peer{{10s, 1024, 100s, 1}};
  for (int i = 0; i < 5; ++i) {
    CHECK(peer.take(1s, 1));
    peer.work(1h);
  }
  CHECK(peer.take(4s, 2000));
  CHECK(peer.take(9s, 1));
}

TEST_CASE("on the whole a peer has its grace") {
  paced peer{{10s, 1, 100s, 16 * 1024}};
  for (int i = 0; i < 20; ++i)
    CHECK(peer.take(5s, 1)); // to its end
  CHECK(peer.take(5s, 1));   // over it: nothing is renewed any more
  CHECK(peer.take(4s, 1));
  CHECK_FALSE(peer.take(1s, 1));
}

TEST_CASE("and buys more by what it takes") {
  paced peer{{10s, 1, 100s, 16 * 1024}};
  for (int i = 0; i < 1000; ++i)
    CHECK(peer.take(5s, 5 * 16 * 1024));
  for (int i = 0; i < 20; ++i)
    CHECK(peer.take(5s, 1));
}

TEST_CASE("without a rate there is no end to it") {
  paced peer{{10s}};
  for (int i = 0; i < 100'000; ++i)
    REQUIRE(peer.take(9s, 1));
}

} // namespace outrigger
