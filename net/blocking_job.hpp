// Work that may block, for the edge: run on the daemon's few other threads, and
// tried again when they have more to do than they take on, for a transfer under
// way is worth waiting for.

#pragma once

#include <functional>

#include "net/server_context.hpp"

namespace outrigger {

/// Runs `work` on another thread, then `done` on the loop. Neither runs when
/// the daemon stops before. `context` outlives both.
void run_job(server_context& context, std::function<void()> work,
             std::function<void()> done);

} // namespace outrigger
