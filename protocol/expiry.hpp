// When a token ends, as people say it. A pure function: the time is handed in.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

/// "30d", "12h" (also w, m, s) from `now`, "2026-12-31" for the last second of
/// that day in UTC, or "never", which is no time at all. In the future, and at
/// most ten years ahead; anything else is malformed and says what is taken.
[[nodiscard]] result<std::optional<std::int64_t>>
parse_expiry(std::string_view text, std::int64_t now);

} // namespace outrigger
