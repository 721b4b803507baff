// What the kernel knows about the peer of a connection, and what it is told
// about our side of it. Plain socket options: each does nothing where it does
// not apply, as on a unix socket.

#pragma once

#include <chrono>

#include "net/stream.hpp"

namespace outrigger {

/// Keeps what lies between us and the peer short: no delay for small frames,
/// and little enough in the kernel that a Ctrl-C's effect is not queued behind
/// seconds of output.
void keep_latency_low(stream& s);

/// Whether the peer has closed its side: asked while the socket is not read.
[[nodiscard]] bool hung_up(stream& s);

/// Whether the peer's machine has answered nothing for so long although we
/// wait for it: what we sent, or our probes of a full window, stay
/// unacknowledged. A program that merely does not read is not lost.
[[nodiscard]] bool is_lost(stream& s, std::chrono::milliseconds patience);

} // namespace outrigger
