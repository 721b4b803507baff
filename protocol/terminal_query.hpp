// Which control sequences ask the terminal for an answer. The scanner in
// terminal_replay.cpp finds sequences; this decides about each of them. For
// protocol/*.cpp.

#pragma once

#include <cstdint>
#include <string_view>

namespace outrigger {

/// How a sequence begins, ESC Z standing for every one that ends at once.
enum class sequence_kind : std::uint8_t { escape, csi, osc, dcs, apc, other };

/// Whether a terminal would answer. `body` is what stands between the
/// introducer and the terminator; for CSI and plain escapes it includes the
/// final byte. C0 controls in it are skipped, as terminals do.
[[nodiscard]] bool is_terminal_query(sequence_kind kind, std::string_view body);

} // namespace outrigger
