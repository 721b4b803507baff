// What waits in all connections together.

#include "net/overload_guard.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
constexpr std::size_t most = 2 * mib; // what one connection may have

load_figures queue_budget(std::size_t bytes) {
  load_figures out{};
  out[static_cast<std::size_t>(resource::queued)] = bytes;
  return out;
}

struct guarded_edge {
  explicit guarded_edge(std::size_t budget = 0) {
    guard.set_budget(queue_budget(budget));
  }

  edge_meters counted;
  overload_guard guard{counted};
};

} // namespace

// -- counting -----------------------------------------------------------------

TEST_CASE("what connections hold is added up") {
  guarded_edge edge;
  load_share first{edge.guard};
  load_share second{edge.guard};
  first.set(10, 20);
  second.set(1, 2);
  CHECK(edge.counted.queued_in == 11);
  CHECK(edge.counted.queued_out == 22);
  CHECK(first.bytes() == 30);
  first.set(5, 0);
  CHECK(edge.counted.queued_in == 6);
  CHECK(edge.counted.queued_out == 2);
}

TEST_CASE("a connection that ends holds nothing") {
  guarded_edge edge;
  {
    load_share share{edge.guard};
    share.set(10, 20);
  }
  CHECK(edge.counted.queued_in == 0);
  CHECK(edge.counted.queued_out == 0);
}

TEST_CASE("what was released stays released") {
  guarded_edge edge;
  load_share share{edge.guard};
  share.set(10, 20);
  share.release();
  CHECK(share.bytes() == 0);
  share.set(100, 100);
  share.release();
  CHECK(share.bytes() == 0);
  CHECK(edge.counted.queued_in == 0);
  CHECK(edge.counted.queued_out == 0);
}

TEST_CASE("without a budget nothing is overloaded") {
  edge_meters counted;
  overload_guard guard{counted};
  int told = 0;
  guard.on_full([&] { ++told; });
  load_share share{guard};
  share.set(100'000 * mib, 100'000 * mib);
  guard.sample(100'000 * mib, 1'000'000);
  CHECK(told == 0);
  CHECK(guard.level() == overload_level::ok);
  CHECK(guard.read_window(most) == most);
}

TEST_CASE("a sample judges all four resources") {
  guarded_edge edge;
  edge.guard.set_budget({100, 200, 300, 64});
  load_share share{edge.guard};
  share.set(100, 50);
  edge.counted.unauthenticated = 16;
  edge.guard.sample(10, 100);
  const auto& now = edge.guard.now();
  CHECK(now.ratios[0] == Approx(0.1));
  CHECK(now.ratios[1] == Approx(0.5));
  CHECK(now.ratios[2] == Approx(0.5));
  CHECK(now.ratios[3] == Approx(0.25));
  CHECK(now.level == overload_level::ok);
  edge.guard.sample(90, 100);
  CHECK(edge.guard.level() == overload_level::high);
  edge.guard.sample(10, 100);
  CHECK(edge.guard.level() == overload_level::ok);
}

// -- more than the budget -----------------------------------------------------

TEST_CASE("more than the budget is told at once, and only then") {
  guarded_edge edge{100};
  int told = 0;
  edge.guard.on_full([&] { ++told; });
  load_share share{edge.guard};
  share.set(40, 60);
  CHECK(told == 0);
  share.set(41, 60);
  CHECK(told == 1);
  share.set(30, 60);
  share.set(40, 60);
  CHECK(told == 1);
}

TEST_CASE("one that gives back is not the reason") {
  guarded_edge edge{100};
  int told = 0;
  load_share share{edge.guard};
  share.set(1000, 0);
  edge.guard.on_full([&] { ++told; });
  share.set(900, 0); // still too much, but less than before
  CHECK(told == 0);
  share.set(901, 0);
  CHECK(told == 1);
}

TEST_CASE("what is told may end connections from within") {
  guarded_edge edge{100};
  std::optional<load_share> heaviest{std::in_place, edge.guard};
  heaviest->set(90, 0);
  int told = 0;
  edge.guard.on_full([&] {
    ++told;
    heaviest->set(95, 0); // its last words
    heaviest.reset();
  });
  load_share share{edge.guard};
  share.set(20, 0);
  CHECK(told == 1);
  CHECK(edge.counted.queued_in == 20);
  share.set(90, 0);
  CHECK(told == 1);
}

TEST_CASE("what is told may end the connection that told it") {
  guarded_edge edge{100};
  load_share share{edge.guard};
  edge.guard.on_full([&] { share.release(); });
  share.set(0, 500);
  CHECK(share.bytes() == 0);
  CHECK(edge.counted.queued_out == 0);
}

// -- windows ------------------------------------------------------------------

TEST_CASE("alone a connection may have all that one may have") {
  guarded_edge edge{128 * mib};
  CHECK(edge.guard.read_window(most) == most);
}

TEST_CASE("windows shrink with what others hold, either way") {
  guarded_edge edge{16 * mib};
  load_share other{edge.guard};
  other.set(12 * mib, 0);
  CHECK(edge.guard.read_window(most) == mib);
  other.set(0, 12 * mib);
  CHECK(edge.guard.read_window(most) == mib);
  other.set(0, 100 * mib);
  CHECK(edge.guard.read_window(most) == 64 * kib); // for keystrokes
}

TEST_CASE("connections that flood stay below the budget together") {
  const std::size_t count = GENERATE(1u, 7u, 50u, 200u);
  const std::size_t message = GENERATE(1u * kib, 16u * kib, 64u * kib);
  constexpr std::size_t budget = 64 * mib;
  guarded_edge edge{budget};
  int told = 0;
  edge.guard.on_full([&] { ++told; });
  std::vector<std::unique_ptr<load_share>> shares;
  for (std::size_t i = 0; i < count; ++i)
    shares.push_back(std::make_unique<load_share>(edge.guard));
  // Each reads a message when it has less than its window, as sessions do.
  for (bool reading = true; reading;) {
    reading = false;
    for (auto& share : shares) {
      if (share->bytes() > 0 && share->bytes() >= edge.guard.read_window(most))
        continue;
      share->set(share->bytes() + message, 0);
      reading = true;
    }
  }
  CAPTURE(count, message);
  CHECK(edge.counted.queued_in <= budget);
  CHECK(told == 0);
  shares.clear();
  CHECK(edge.counted.queued_in == 0);
}

} // namespace outrigger
