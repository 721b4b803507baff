// Small statistics over samples, and the stopwatch they come from.

#pragma once

#include <chrono>
#include <vector>

namespace outrigger::bench {

using steady = std::chrono::steady_clock;

/// The value below which the share `p` (0 to 1) of the samples lies; 0 for
/// none.
[[nodiscard]] double percentile(std::vector<double> samples, double p);

[[nodiscard]] double median(const std::vector<double>& samples);

[[nodiscard]] inline double seconds(steady::duration d) {
  return std::chrono::duration<double>(d).count();
}

[[nodiscard]] inline double microseconds(steady::duration d) {
  return std::chrono::duration<double, std::micro>(d).count();
}

} // namespace outrigger::bench
