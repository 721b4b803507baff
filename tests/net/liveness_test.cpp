// When a WebSocket's peer was heard last.

#include "net/liveness.hpp"

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// 45 s to a ping, 120 s to the end, 30 s for a write.
struct peer_life {
  limits::edge_limits limits;
  liveness life{limits};
  liveness::clock::time_point begin{1000h};
  liveness::clock::time_point now = begin;

  peer_life() { life.heard(now); }

  /// Looks as a session does, until `end`; when it gave the peer up, if ever.
  std::optional<std::chrono::nanoseconds> look_until(std::chrono::seconds end) {
    while (now < begin + end) {
      if (life.is_silent(now))
        return now - begin;
      if (life.ping_due(now)) {
        life.pinged(now);
        pings.push_back(now - begin);
      }
      const auto wait = life.plan_look(now, true);
      REQUIRE(wait > 0ms);
      now += wait;
      ++looks;
    }
    return std::nullopt;
  }

  std::vector<std::chrono::nanoseconds> pings;
  int looks = 0;
};

} // namespace

TEST_CASE("a peer that was heard just now is well") {
  peer_life p;
  CHECK_FALSE(p.life.is_silent(p.now));
  CHECK_FALSE(p.life.is_stuck(p.now));
  CHECK_FALSE(p.life.ping_due(p.now));
  CHECK(p.life.plan_look(p.now, true) == 45s);
}

TEST_CASE("a silent peer is pinged each 45 s and given up at 120 s") {
  peer_life p;
  CHECK(p.look_until(1000s) == 120s);
  CHECK(p.pings == std::vector<std::chrono::nanoseconds>{45s, 90s});
  CHECK(p.looks == 3);
}

TEST_CASE("a peer heard in between is given up 120 s after that") {
  peer_life p;
  CHECK_FALSE(p.look_until(45s));
  p.life.heard(p.begin + 46s); // its answer to the ping, its last word
  CHECK(p.look_until(1000s) == 166s);
}

TEST_CASE("a peer that answers is never given up, and looked at rarely") {
  peer_life p;
  for (int i = 1; i <= 100; ++i) {
    CHECK_FALSE(p.look_until(45s * i));
    p.life.heard(p.now);
  }
  CHECK(p.looks <= 201);
}

TEST_CASE("a look is due when something has changed, not later") {
  peer_life p;
  p.now += 44s;
  CHECK(p.life.plan_look(p.now, true) == 1s);
  p.life.heard(p.now);
  CHECK(p.life.plan_look(p.now, true) == 45s);
}

TEST_CASE("a ping is not repeated before its time") {
  peer_life p;
  p.now += 45s;
  REQUIRE(p.life.ping_due(p.now));
  p.life.pinged(p.now);
  CHECK_FALSE(p.life.ping_due(p.now + 44s));
  CHECK(p.life.ping_due(p.now + 45s));
}

TEST_CASE("a ping that cannot be sent makes nobody spin") {
  peer_life p;
  p.now += 50s;
  REQUIRE(p.life.ping_due(p.now)); // and another one is still under way
  CHECK(p.life.plan_look(p.now, true) >= 1s);
}

TEST_CASE("a write that takes 30 s is stuck") {
  peer_life p;
  static_cast<void>(p.life.write_began(p.now + 5s));
  CHECK_FALSE(p.life.is_stuck(p.now + 34s));
  CHECK(p.life.is_stuck(p.now + 35s));
  p.now += 10s;
  CHECK(p.life.plan_look(p.now, true) == 25s);
  p.now += 25s;
  CHECK(p.life.plan_look(p.now, true) == 1s); // it may be lost any time now
  p.life.write_done();
  CHECK_FALSE(p.life.is_stuck(p.now + 100s));
}

TEST_CASE("a socket that is not read is looked at each second") {
  peer_life p;
  CHECK(p.life.plan_look(p.now, false) == 1s);
  CHECK_FALSE(p.life.write_began(p.now)); // which is soon enough
  CHECK(p.life.plan_look(p.now + 44500ms, false) == 500ms); // a ping is due
}

TEST_CASE("a write wants a look no later than its limit") {
  peer_life p;
  CHECK(p.life.plan_look(p.now, true) == 45s);
  CHECK(p.life.write_began(p.now));
  CHECK(p.life.plan_look(p.now, true) == 30s);
  p.life.write_done();
  CHECK_FALSE(p.life.write_began(p.now + 20s)); // what is planned comes before
  p.life.write_done();
  CHECK(p.life.plan_look(p.now + 30s, true) == 15s);
}

TEST_CASE("the times are the options'") {
  limits::edge_limits quick;
  quick.ping_interval = 10ms;
  quick.pong_timeout = 25ms;
  quick.write_timeout = 5ms;
  liveness life{quick};
  const liveness::clock::time_point now{1h};
  life.heard(now);
  static_cast<void>(life.write_began(now));
  CHECK(life.plan_look(now, true) == 5ms);
  CHECK(life.ping_due(now + 10ms));
  CHECK(life.is_silent(now + 25ms));
  CHECK(life.is_stuck(now + 5ms));
}

} // namespace outrigger
