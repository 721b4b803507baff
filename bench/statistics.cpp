#include "bench/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace outrigger::bench {

double percentile(std::vector<double> samples, double p) {
  if (samples.empty())
    return 0;
  const auto last = static_cast<double>(samples.size() - 1);
  const auto at = static_cast<std::ptrdiff_t>(std::llround(p * last));
  std::nth_element(samples.begin(), samples.begin() + at, samples.end());
  return samples[static_cast<std::size_t>(at)];
}

double median(const std::vector<double>& samples) {
  if (samples.empty())
    return 0;
  auto sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  const auto middle = sorted.size() / 2;
  if (sorted.size() % 2 == 1)
    return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

} // namespace outrigger::bench
