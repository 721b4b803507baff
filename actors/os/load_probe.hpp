// LOAD PROBE: how much of its means this process uses, as the overload manager
// asks once a second on the loop. Nothing here waits; a reading takes some
// microseconds, however many descriptors are open.

#pragma once

#include <cstdint>
#include <string>

#include "actors/os/unique_fd.hpp"

namespace outrigger::os {

struct load_reading {
  std::uint64_t resident = 0; // bytes of ours in memory
  /// Open descriptors. On kernels before 6.2 an estimate that is too low when
  /// there are gaps: the lowest number that is free.
  std::uint64_t descriptors = 0;
  std::uint64_t descriptor_limit = 0; // the soft RLIMIT_NOFILE
};

class load_probe {
public:
  /// `root` is put before every path: for tests.
  explicit load_probe(const std::string& root = {});

  [[nodiscard]] load_reading read() const;

private:
  [[nodiscard]] std::uint64_t resident() const;
  [[nodiscard]] std::uint64_t descriptors(std::uint64_t limit) const;

  unique_fd statm_;
  std::string descriptor_directory_; // empty: the kernel does not count
};

} // namespace outrigger::os
