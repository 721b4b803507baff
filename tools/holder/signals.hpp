// Signal state: what the holder makes of the one it was started with, and the
// clean slate every child gets.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

namespace outrigger::holder {

/// Every disposition default, realtime and libc-internal signals included,
/// and an empty mask. Async-signal-safe.
void reset_signals() noexcept;

/// Blocks the signals that the holder handles and returns the signalfd that
/// brings them: CHLD, TERM, INT, HUP, QUIT. SIGPIPE is ignored.
os::result<os::unique_fd> open_signals();

} // namespace outrigger::holder
