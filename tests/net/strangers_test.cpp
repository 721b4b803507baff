// Which connections without a credential may stay.

#include "net/strangers.hpp"

#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "net/server_context.hpp"

namespace outrigger {
namespace {

constexpr std::uint64_t seed = 1;

/// A connection that does nothing.
class quiet_session final : public session_base {
public:
  void shut_down() override {}
  void abort() override {}
};

source numbered(unsigned number) {
  return to_source(boost::asio::ip::make_address_v4(0x0a000000u + number));
}

/// The connections there are, as the server keeps them.
class crowd {
public:
  explicit crowd(std::size_t limit) : known{limit, seed} {}

  /// A new connection; the source of the one that went for it, or empty.
  std::string come(unsigned from) {
    auto session = std::make_shared<quiet_session>();
    auto victim = known.add(session, numbered(from));
    sessions[session.get()] = {session, from};
    if (!victim)
      return {};
    const auto gone = sessions.at(victim.get()).second;
    sessions.erase(victim.get());
    return std::to_string(gone);
  }

  std::size_t count(unsigned from) const {
    std::size_t found = 0;
    for (const auto& [key, entry] : sessions)
      found += entry.second == from ? 1 : 0;
    return found;
  }

  strangers known;
  std::map<const session_base*,
           std::pair<std::shared_ptr<session_base>, unsigned>>
      sessions;
};

} // namespace

TEST_CASE("up to half the limit nobody has to go") {
  crowd c{64};
  for (unsigned i = 0; i < 32; ++i)
    CHECK(c.come(i % 3).empty());
  CHECK(c.known.size() == 32);
}

TEST_CASE("the limit is never exceeded") {
  const std::size_t limit = GENERATE(1u, 2u, 3u, 64u);
  crowd c{limit};
  for (unsigned i = 0; i < 1000; ++i) {
    c.come(i % 7);
    REQUIRE(c.known.size() <= limit);
    REQUIRE(c.known.size() == c.sessions.size());
  }
  CHECK(c.known.limit() == limit);
}

TEST_CASE("a new connection is never the one to go") {
  crowd c{8};
  for (unsigned i = 0; i < 1000; ++i) {
    c.come(1);
    REQUIRE(c.known.size() > 0);
  }
  // The latest is among those that stayed: add() returned another one.
  const auto before = c.known.size();
  auto session = std::make_shared<quiet_session>();
  auto victim = c.known.add(session, numbered(1));
  CHECK(victim != session);
  c.known.remove(session.get());
  CHECK(c.known.size() == before - (victim ? 1 : 0));
}

TEST_CASE("beyond half the limit ever more have to go") {
  // How often one goes, by how many there are before.
  const auto rate = [](std::size_t present) {
    int gone = 0;
    for (std::uint64_t round = 0; round < 400; ++round) {
      strangers known{64, round};
      std::vector<std::shared_ptr<session_base>> held;
      const auto put = [&] {
        held.push_back(std::make_shared<quiet_session>());
        return known.add(held.back(), numbered(0));
      };
      while (known.size() < present)
        (void)put();
      gone += put() != nullptr ? 1 : 0;
    }
    return gone;
  };
  CHECK(rate(32) == 0);
  const auto few = rate(40);
  const auto many = rate(56);
  CHECK(few > 0);
  CHECK(few < many);
  CHECK(many < 400);
  CHECK(rate(64) == 400);
}

TEST_CASE("the source that has most loses") {
  crowd c{64};
  for (unsigned i = 0; i < 20; ++i)
    c.come(1);
  for (unsigned i = 0; i < 12; ++i)
    c.come(2 + i % 2);
  for (unsigned i = 0; i < 200; ++i) {
    const auto before = c.count(1);
    const auto gone = c.come(1);
    if (!gone.empty())
      CHECK(gone == "1");
    CHECK(c.count(1) >= before);
  }
  CHECK(c.count(2) == 6);
  CHECK(c.count(3) == 6);
}

TEST_CASE("a flood never costs another's only connection") {
  crowd c{64};
  constexpr unsigned flood = 99;
  for (unsigned i = 0; i < 30; ++i)
    c.come(i);
  for (unsigned i = 0; i < 10'000; ++i) {
    const auto gone = c.come(flood);
    if (!gone.empty())
      REQUIRE(gone == "99");
  }
  for (unsigned i = 0; i < 30; ++i)
    CHECK(c.count(i) == 1);
}

TEST_CASE("one who comes during a flood stays") {
  crowd c{64};
  constexpr unsigned flood = 99;
  for (unsigned i = 0; i < 1000; ++i)
    c.come(flood);
  CHECK(c.come(1) != "1");
  for (unsigned i = 0; i < 1000; ++i)
    c.come(flood);
  CHECK(c.count(1) == 1);
}

TEST_CASE("a flood from many sources leaves nobody out for ever") {
  crowd c{64};
  for (unsigned i = 0; i < 1000; ++i)
    c.come(100 + i);
  CHECK(c.known.size() <= 64);
  c.come(1); // it is served at first, whatever comes later
  CHECK(c.count(1) == 1);
}

TEST_CASE("who of a source has to go is left to chance") {
  int oldest_gone = 0;
  int others_gone = 0;
  std::vector<std::shared_ptr<session_base>> held;
  strangers known{16, seed};
  for (int i = 0; i < 500; ++i) {
    auto session = std::make_shared<quiet_session>();
    auto victim = known.add(session, numbered(1));
    held.push_back(session);
    if (!victim)
      continue;
    (victim == held.front() ? oldest_gone : others_gone)++;
    std::erase(held, victim);
  }
  CHECK(oldest_gone > 0);
  CHECK(others_gone > oldest_gone);
}

TEST_CASE("the same seed drops the same") {
  crowd first{16};
  crowd second{16};
  for (unsigned i = 0; i < 500; ++i)
    REQUIRE(first.come(i % 5) == second.come(i % 5));
}

// -- leaving ------------------------------------------------------------------

TEST_CASE("one that was let in no longer counts") {
  crowd c{4};
  for (unsigned i = 0; i < 2; ++i)
    c.come(1);
  for (const auto& [key, entry] : c.sessions)
    c.known.remove(key);
  CHECK(c.known.size() == 0);
  for (unsigned i = 0; i < 2; ++i)
    CHECK(c.come(2).empty());
}

TEST_CASE("removing one that is not there does nothing") {
  crowd c{4};
  c.come(1);
  quiet_session other;
  c.known.remove(&other);
  c.known.remove(nullptr);
  CHECK(c.known.size() == 1);
}

TEST_CASE("one that has ended unnoticed makes room without a victim") {
  strangers known{2, seed};
  for (int i = 0; i < 10; ++i) {
    auto session = std::make_shared<quiet_session>();
    CHECK_FALSE(known.add(session, numbered(1))); // the others are gone
    CHECK(known.size() <= 2);
  }
}

// -- a smaller limit ----------------------------------------------------------

TEST_CASE("less room means that some have to go at once") {
  crowd c{64};
  for (unsigned i = 0; i < 30; ++i)
    c.come(1);
  c.come(2);
  const auto gone = c.known.resize(10);
  CHECK(gone.size() == 21);
  CHECK(c.known.size() == 10);
  for (const auto& victim : gone)
    CHECK(c.sessions.at(victim.get()).second == 1);
  CHECK(c.known.limit() == 64);
}

TEST_CASE("less room holds until it is given back") {
  crowd c{64};
  CHECK(c.known.resize(4).empty());
  for (unsigned i = 0; i < 100; ++i)
    c.come(i);
  CHECK(c.known.size() <= 4);
  CHECK(c.known.resize(64).empty());
  for (unsigned i = 0; i < 20; ++i)
    c.come(i);
  CHECK(c.known.size() > 20);
}

TEST_CASE("there is never more room than the limit") {
  crowd c{4};
  CHECK(c.known.resize(1000).empty());
  for (unsigned i = 0; i < 100; ++i)
    c.come(i);
  CHECK(c.known.size() <= 4);
}

TEST_CASE("without room all have to go, and the next one is served") {
  crowd c{64};
  for (unsigned i = 0; i < 10; ++i)
    c.come(i);
  CHECK(c.known.resize(0).size() == 10);
  CHECK(c.known.size() == 0);
  CHECK(c.come(1).empty());
  CHECK(c.known.size() == 1);
}

} // namespace outrigger
