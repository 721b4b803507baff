// The daemon's log: spdlog on stderr, written by its own thread so that a slow
// terminal or pipe never blocks the loop. When that thread falls behind, the
// oldest lines are dropped, never the newest.

#pragma once

#include "protocol/options.hpp"

namespace outrigger {

/// Starts logging. The level is one of options::log_level's names.
void start_logging(const options& opts);

/// Writes what is queued; nothing may be logged afterwards. False when stderr
/// does not take it in time: its thread then still waits there, and the
/// process can only end by _exit().
[[nodiscard]] bool stop_logging();

} // namespace outrigger
