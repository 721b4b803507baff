// What the kernel knows about the peer of a connection, and what it is told
// about our side of it. Plain socket options: each does nothing where it does
// not apply, as on a unix socket.

#pragma once

#include <chrono>

#include "net/liveness.hpp"
#include "net/stream.hpp"

namespace outrigger {

/// A write is done when about 32 KiB are left to send, not when they have found
/// room in the kernel's megabytes: so that it shows what a peer takes.
void keep_unsent_small(stream& s);

/// Lets more lie there, about 256 KiB, while a body of any size is sent: a fast
/// line is not to wait for us. The last bytes do not wait for an
/// acknowledgement.
void keep_unsent_large(stream& s);

/// Keeps what lies between us and the peer short: no delay for small frames,
/// and little enough in the kernel that a Ctrl-C's effect is not queued behind
/// seconds of output.
void keep_latency_low(stream& s);

/// Whether the peer has closed its side: asked while the socket is not read.
[[nodiscard]] bool hung_up(stream& s);

/// Whether nothing tells any more that somebody is there. What a peer says
/// comes only to a socket that is read; of one that is not, its machine is
/// asked, whose kernel acknowledges our pings whatever the program does.
[[nodiscard]] bool is_gone(stream& s, const liveness& life, bool reading,
                           liveness::clock::time_point now);

} // namespace outrigger
