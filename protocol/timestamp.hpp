// Points in time as text. Whoever calls brings the time: nothing here reads a
// clock. For protocol/*.cpp.

#pragma once

#include <cstdint>
#include <string>

namespace outrigger {

/// RFC 3339 in UTC with milliseconds: "2026-02-03T04:05:06.789Z". Times
/// outside the years 0 to 9999 are clamped.
[[nodiscard]] std::string to_rfc3339(std::int64_t unix_ms);

} // namespace outrigger
