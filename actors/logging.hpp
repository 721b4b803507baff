// The daemon's log: spdlog on stderr, written by its own thread so that a slow
// terminal or pipe never blocks the loop. When that thread falls behind, the
// oldest lines are dropped, never the newest. The access log goes the same way.

#pragma once

#include <cstddef>
#include <functional>

#include "protocol/access_line.hpp"
#include "protocol/options.hpp"

namespace outrigger {

/// Starts logging. The level is one of options::log_level's names.
void start_logging(const options& opts);

/// Makes the access log, which is written whatever the log's level is. Call the
/// function once for each line; it must be gone before stop_logging().
[[nodiscard]] std::function<void(const access_line&)>
start_access_log(const options& opts);

/// How many lines have been dropped so far.
[[nodiscard]] std::size_t dropped_log_lines();

/// Writes what is queued; nothing may be logged afterwards. False when stderr
/// does not take it in time: its thread then still waits there, and the
/// process can only end by _exit().
[[nodiscard]] bool stop_logging();

} // namespace outrigger
