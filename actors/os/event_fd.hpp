// The eventfds between the holder and the daemon: a wake-up, no count.
#pragma once

namespace outrigger::os {

/// Wakes whoever waits. Has no effect on -1.
void raise_event(int fd) noexcept;

/// Takes back what was raised; the descriptor must not block.
void drain_event(int fd) noexcept;

} // namespace outrigger::os
