// What options hold, as text: read from a source, and shown as TOML. Durations
// and sizes carry their unit, so that no number means something else than it
// seems to. For protocol/*.cpp.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/options.hpp"

namespace outrigger::option_text {

/// A TOML string, on one line whatever is in it.
[[nodiscard]] std::string quoted(std::string_view text);

/// A TOML array of strings.
[[nodiscard]] std::string list_of(const std::vector<std::string>& elements);

/// The form that parse_listen_address reads.
[[nodiscard]] std::string written(const listen_address& address);

/// 1, true, yes, on and their opposites, in any case.
[[nodiscard]] std::optional<bool> parse_bool(std::string_view text);

/// A whole number and ms, s, m or h: "500ms", "10s". Never without a unit.
[[nodiscard]] std::optional<std::chrono::milliseconds>
parse_duration(std::string_view text);

/// In the largest unit that leaves a whole number: "1m", "90s", "1500ms".
[[nodiscard]] std::string written(std::chrono::milliseconds time);

/// A whole number of bytes, or of B, KiB, MiB or GiB in any case: "65536",
/// "64KiB". Not "64k": for some that is 64,000.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// In the largest unit that leaves a whole number: "64KiB", "1500B".
[[nodiscard]] std::string written_size(std::uint64_t bytes);

} // namespace outrigger::option_text
