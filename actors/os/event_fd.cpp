#include "actors/os/event_fd.hpp"

#include <unistd.h>

#include <cstdint>

namespace outrigger::os {

void raise_event(int fd) noexcept {
  // Fails only when the counter is full, and then the peer is woken anyway.
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(fd, &one, sizeof one);
}

void drain_event(int fd) noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto n = ::read(fd, &count, sizeof count);
}

} // namespace outrigger::os
