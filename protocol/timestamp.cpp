#include "protocol/timestamp.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace outrigger {

std::string to_rfc3339(std::int64_t unix_ms) {
  using namespace std::chrono;
  static constexpr std::int64_t first = -62'167'219'200'000; // year 0
  static constexpr std::int64_t last = 253'402'300'799'999;  // year 9999
  const sys_time<milliseconds> time{
      milliseconds{std::clamp(unix_ms, first, last)}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> clock{time - day};

  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return out.data();
}

} // namespace outrigger
