// How near the daemon is to its limits.

#include "protocol/overload.hpp"

#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

const load_figures hundred{100, 100, 100, 100};

load_figures only(resource which, std::size_t amount) {
  load_figures out{};
  out[static_cast<std::size_t>(which)] = amount;
  return out;
}

} // namespace

TEST_CASE("levels begin at 70, 85 and 95 per cent") {
  const auto [load, level] = GENERATE(table<std::size_t, overload_level>({
      {0, overload_level::ok},
      {69, overload_level::ok},
      {70, overload_level::elevated},
      {84, overload_level::elevated},
      {85, overload_level::high},
      {94, overload_level::high},
      {95, overload_level::critical},
      {100, overload_level::critical},
      {100'000, overload_level::critical},
  }));
  CAPTURE(load);
  for (const auto which :
       {resource::memory, resource::descriptors, resource::queued}) {
    const auto now = assess(only(which, load), hundred);
    CHECK(now.level == level);
    CHECK(now.ratios[static_cast<std::size_t>(which)] ==
          Approx(static_cast<double>(load) / 100));
    if (level != overload_level::ok)
      CHECK(now.worst == which);
  }
}

TEST_CASE("strangers alone never get beyond elevated") {
  for (const std::size_t load : {70u, 85u, 95u, 100u, 1000u}) {
    const auto now = assess(only(resource::strangers, load), hundred);
    CHECK(now.level == overload_level::elevated);
    CHECK(now.worst == resource::strangers);
  }
  CHECK(assess(only(resource::strangers, 69), hundred).level ==
        overload_level::ok);
}

TEST_CASE("the worst resource makes the level") {
  const auto now = assess({75, 96, 90, 100}, hundred);
  CHECK(now.level == overload_level::critical);
  CHECK(now.worst == resource::descriptors);
  const auto crowded = assess({10, 20, 86, 100}, hundred);
  CHECK(crowded.level == overload_level::high);
  CHECK(crowded.worst == resource::queued);
}

TEST_CASE("every ratio is told, whatever makes the level") {
  const auto now = assess({10, 20, 30, 40}, hundred);
  CHECK(now.ratios[0] == Approx(0.1));
  CHECK(now.ratios[1] == Approx(0.2));
  CHECK(now.ratios[2] == Approx(0.3));
  CHECK(now.ratios[3] == Approx(0.4));
}

TEST_CASE("what has no budget is never short") {
  const auto now = assess({1000, 1000, 1000, 1000}, {});
  CHECK(now.level == overload_level::ok);
  for (const auto ratio : now.ratios)
    CHECK(ratio == 0);
  CHECK(assess({1000, 50, 1000, 50}, {0, 100, 0, 100}).level ==
        overload_level::ok);
}

TEST_CASE("levels and resources have names") {
  CHECK(level_name(overload_level::ok) == "ok");
  CHECK(level_name(overload_level::elevated) == "elevated");
  CHECK(level_name(overload_level::high) == "high");
  CHECK(level_name(overload_level::critical) == "critical");
  CHECK(resource_name(resource::memory) == "memory");
  CHECK(resource_name(resource::descriptors) == "descriptors");
  CHECK(resource_name(resource::queued) == "queued");
  CHECK(resource_name(resource::strangers) == "strangers");
}

// -- windows ------------------------------------------------------------------

TEST_CASE("a window lies between the least and the most") {
  CHECK(fair_window(0, 128 * mib, 64 * kib, 2 * mib) == 2 * mib);
  CHECK(fair_window(124 * mib, 128 * mib, 64 * kib, 2 * mib) == mib);
  CHECK(fair_window(128 * mib, 128 * mib, 64 * kib, 2 * mib) == 64 * kib);
  CHECK(fair_window(500 * mib, 128 * mib, 64 * kib, 2 * mib) == 64 * kib);
  CHECK(fair_window(0, 0, 64 * kib, 2 * mib) == 64 * kib);
}

TEST_CASE("a window never grows while more is queued") {
  auto before = fair_window(0, 32 * mib, 64 * kib, 2 * mib);
  for (std::size_t queued = 0; queued <= 40 * mib; queued += 64 * kib) {
    const auto window = fair_window(queued, 32 * mib, 64 * kib, 2 * mib);
    CHECK(window <= before);
    before = window;
  }
}

TEST_CASE("any number of floods stays below the budget") {
  const std::size_t count = GENERATE(1u, 2u, 10u, 100u, 400u);
  const std::size_t budget = 32 * mib;
  const std::size_t piece = 4 * kib;
  std::vector<std::size_t> held(count, 0);
  std::size_t queued = 0;
  // All take turns, as the loop serves them, until none reads any more.
  for (bool reading = true; reading;) {
    reading = false;
    for (auto& mine : held) {
      if (mine >= fair_window(queued, budget, 64 * kib, 2 * mib))
        continue;
      mine += piece;
      queued += piece;
      reading = true;
    }
  }
  CAPTURE(count);
  CHECK(queued <= budget);
  // Nobody is starved for coming late.
  for (const auto mine : held)
    CHECK(mine >= 64 * kib);
}

} // namespace outrigger
