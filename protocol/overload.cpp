#include "protocol/overload.hpp"

#include <algorithm>

namespace outrigger {

namespace {

constexpr double elevated_from = 0.70;
constexpr double high_from = 0.85;
constexpr double critical_from = 0.95;

overload_level level_of(double ratio) {
  if (ratio >= critical_from)
    return overload_level::critical;
  if (ratio >= high_from)
    return overload_level::high;
  return ratio >= elevated_from ? overload_level::elevated : overload_level::ok;
}

/// The share of what is left that one connection may take. With n flooding
/// connections the sum is then budget · n / (n + 4).
constexpr std::size_t window_divisor = 4;

} // namespace

std::string_view level_name(overload_level level) {
  static constexpr std::array<std::string_view, 4> names{"ok", "elevated",
                                                         "high", "critical"};
  return names[static_cast<std::size_t>(level)];
}

std::string_view resource_name(resource which) {
  static constexpr std::array<std::string_view, resource_count> names{
      "memory", "descriptors", "queued", "strangers"};
  return names[static_cast<std::size_t>(which)];
}

pressure assess(const load_figures& load, const load_figures& budget) {
  pressure out;
  for (std::size_t i = 0; i < resource_count; ++i) {
    if (budget[i] == 0)
      continue;
    const auto which = static_cast<resource>(i);
    out.ratios[i] =
        static_cast<double>(load[i]) / static_cast<double>(budget[i]);
    auto level = level_of(out.ratios[i]);
    if (which == resource::strangers)
      level = std::min(level, overload_level::elevated);
    if (level > out.level) {
      out.level = level;
      out.worst = which;
    }
  }
  return out;
}

std::size_t fair_window(std::size_t queued, std::size_t budget,
                        std::size_t least, std::size_t most) {
  const auto left = budget > queued ? budget - queued : 0;
  return std::clamp(left / window_divisor, least, most);
}

} // namespace outrigger
