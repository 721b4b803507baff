// Sources that guess, and how long they are slowed down.

#include "net/penalties.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using clock = penalties::clock;

source at(const std::string& address) {
  return to_source(boost::asio::ip::make_address(address));
}

/// Time that the test moves.
struct guesser {
  penalties book;
  clock::time_point now{1000h};
  source from = at("192.0.2.1");

  void fail(int times = 1) {
    for (int i = 0; i < times; ++i)
      book.failed(from, now);
  }
  /// Fails until penalised; how often that was.
  int fail_until_penalised() {
    int times = 0;
    for (; !left() && times < 1000; ++times)
      fail();
    return times;
  }
  std::optional<std::chrono::seconds> left() const {
    return book.left(from, now);
  }
};

constexpr int burst = static_cast<int>(penalties::burst);

} // namespace

TEST_CASE("one who mistypes a few times is not slowed down") {
  guesser g;
  CHECK_FALSE(g.left());
  g.fail(burst);
  CHECK_FALSE(g.left());
}

TEST_CASE("one more is too many") {
  guesser g;
  CHECK(g.fail_until_penalised() == burst + 1);
  CHECK(g.left() == 5s);
}

TEST_CASE("a penalty ends by itself, and is told in whole seconds") {
  guesser g;
  g.fail_until_penalised();
  g.now += 1ms;
  CHECK(g.left() == 5s); // never less than what is left
  g.now += 4s;
  CHECK(g.left() == 1s);
  g.now += 998ms;
  CHECK(g.left() == 1s);
  g.now += 1ms;
  CHECK_FALSE(g.left());
}

TEST_CASE("who goes on during a penalty makes it no longer") {
  guesser g;
  g.fail_until_penalised();
  g.now += 4s;
  g.fail(1000);
  CHECK(g.left() == 1s);
  g.now += 1s;
  CHECK_FALSE(g.left());
}

TEST_CASE("each penalty is twice the one before, up to a minute") {
  guesser g;
  for (const auto wanted : {5s, 10s, 20s, 40s, 60s, 60s, 60s}) {
    g.fail_until_penalised();
    REQUIRE(g.left());
    CHECK(*g.left() == wanted);
    g.now += wanted;
    CHECK_FALSE(g.left());
  }
}

TEST_CASE("after a penalty less is allowed than at first") {
  guesser g;
  const auto first = g.fail_until_penalised();
  g.now += 5s;
  const auto second = g.fail_until_penalised();
  CHECK(second < first);
  CHECK(second > 1); // but one wrong try is no reason for the next
}

TEST_CASE("one wrong try a second is let be") {
  guesser g;
  for (int i = 0; i < 1000; ++i) {
    g.fail();
    CHECK_FALSE(g.left());
    g.now += 1s;
  }
}

TEST_CASE("two wrong tries a second are not") {
  guesser g;
  int times = 0;
  for (; !g.left() && times < 1000; ++times) {
    g.fail();
    g.now += 500ms;
  }
  CHECK(times > burst);
  CHECK(times < 3 * burst);
}

TEST_CASE("one who behaved for long enough begins anew") {
  guesser g;
  g.fail_until_penalised();
  g.now += 5s;
  g.fail_until_penalised();
  REQUIRE(g.left() == 10s);
  g.now += 10s + penalties::longest;
  CHECK(g.fail_until_penalised() == burst + 1);
  CHECK(g.left() == 5s);
}

TEST_CASE("one who behaved for less does not") {
  guesser g;
  g.fail_until_penalised();
  g.now += 5s + penalties::longest - 1s;
  g.fail_until_penalised();
  CHECK(g.left() == 10s);
}

TEST_CASE("everybody pays for himself") {
  guesser g;
  g.fail_until_penalised();
  CHECK_FALSE(g.book.left(at("192.0.2.2"), g.now));
  g.book.failed(at("192.0.2.2"), g.now);
  CHECK_FALSE(g.book.left(at("192.0.2.2"), g.now));
}

TEST_CASE("a unix socket is nobody's source") {
  guesser g;
  g.from = {};
  g.fail(1000);
  CHECK_FALSE(g.left());
  CHECK(g.book.size() == 0);
}

TEST_CASE("the book of penalties is bounded") {
  guesser g;
  for (unsigned i = 0; i < 2 * penalties::capacity; ++i) {
    g.from = to_source(boost::asio::ip::make_address_v4(0x0a000000u + i));
    g.fail();
  }
  CHECK(g.book.size() == penalties::capacity);
}

TEST_CASE("who is penalised is not forgotten for others") {
  guesser g;
  g.fail_until_penalised();
  for (unsigned i = 0; i < 2 * penalties::capacity; ++i) {
    g.now += 1us;
    g.book.failed(to_source(boost::asio::ip::make_address_v4(0x0a000000u + i)),
                  g.now);
  }
  CHECK(g.left());
}

TEST_CASE("the one unheard of for longest is forgotten first") {
  guesser g;
  g.fail(burst); // one more would be too many
  const auto busy = at("192.0.2.9");
  for (unsigned i = 0; i + 1 < penalties::capacity; ++i) {
    g.now += 1us;
    g.book.failed(to_source(boost::asio::ip::make_address_v4(0x0a000000u + i)),
                  g.now);
  }
  REQUIRE(g.book.size() == penalties::capacity);
  g.now += 1us;
  g.book.failed(busy, g.now);
  CHECK(g.book.size() == penalties::capacity);
  g.fail(burst); // as if for the first time
  CHECK_FALSE(g.left());
}

// -- sources ------------------------------------------------------------------

TEST_CASE("an IPv4 address is a source") {
  CHECK(at("192.0.2.1") == at("192.0.2.1"));
  CHECK_FALSE(at("192.0.2.1") == at("192.0.2.2"));
  CHECK(at("192.0.2.1").text == "192.0.2.1");
}

TEST_CASE("an IPv4 address in IPv6 is the same source") {
  CHECK(at("::ffff:192.0.2.1") == at("192.0.2.1"));
  CHECK(at("::ffff:192.0.2.1").text == "192.0.2.1");
  CHECK_FALSE(at("::ffff:192.0.2.1") == at("::ffff:192.0.2.2"));
}

TEST_CASE("an IPv6 network of 64 bits is one source") {
  CHECK(at("2001:db8::1") == at("2001:db8::ffff:ffff:ffff:ffff"));
  CHECK_FALSE(at("2001:db8::1") == at("2001:db8:0:1::1"));
  CHECK(at("2001:db8::1").text == "2001:db8::1");
}

TEST_CASE("a source of IPv4 is none of IPv6") {
  CHECK_FALSE(at("0.0.0.0") == at("::"));
}

} // namespace outrigger
