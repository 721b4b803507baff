// How near the daemon is to its limits, and what that means for who asks.
//
//   load, budget ─► pressure ─► level
//
//   elevated  70 %   no sockets for strangers, slices are small
//   high      85 %   strangers are turned away, no new terminals or uploads
//   critical  95 %   the heaviest slow readers are closed
//
// Pure: the figures are handed in. /health is answered at every level.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace outrigger {

enum class overload_level : std::uint8_t { ok, elevated, high, critical };

/// "ok", "elevated", "high", "critical".
[[nodiscard]] std::string_view level_name(overload_level level);

/// What is limited. Strangers are connections without a credential: their
/// number alone never gets beyond elevated, where the page is still served.
enum class resource : std::uint8_t {
  memory,      // bytes resident
  descriptors, // open files
  queued,      // bytes waiting in connections, either way
  strangers,   // connections that have shown no credential
};
inline constexpr std::size_t resource_count = 4;

/// "memory", "descriptors", …
[[nodiscard]] std::string_view resource_name(resource which);

/// An amount of each resource, by its number.
using load_figures = std::array<std::size_t, resource_count>;

struct pressure {
  /// Load by budget; 0 where there is no budget.
  std::array<double, resource_count> ratios{};
  overload_level level = overload_level::ok;
  resource worst = resource::memory; // what made the level
};

[[nodiscard]] pressure assess(const load_figures& load,
                              const load_figures& budget);

/// Bytes that one connection may have waiting before its socket is no longer
/// read: an equal share of a part of what is left, so that any number of
/// flooding connections together stay below the budget; at least `least` and
/// at most `most`.
[[nodiscard]] std::size_t fair_window(std::size_t queued, std::size_t budget,
                                      std::size_t least, std::size_t most);

} // namespace outrigger
