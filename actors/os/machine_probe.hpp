// MACHINE PROBE: how much of the machine is in use: processors, memory, and
// the disk a folder is on. The last may have to be waited for.

#pragma once

#include <cstdint>
#include <string>

#include "actors/os/files/root_dir.hpp"
#include "actors/os/unique_fd.hpp"

namespace outrigger::os {

struct machine_reading {
  // Of all processors together, since the machine's start. Any unit.
  std::uint64_t processor_busy = 0;
  std::uint64_t processor_total = 0;
  // Bytes.
  std::uint64_t memory_used = 0;
  std::uint64_t memory_total = 0;
  std::uint64_t disk_used = 0;
  std::uint64_t disk_total = 0; // of what users may use
};

class machine_probe {
public:
  /// `root` is put before every path: for tests.
  explicit machine_probe(const std::string& root = {});

  /// What cannot be found out is 0. Any thread.
  [[nodiscard]] machine_reading read(const root_dir& folder) const;

private:
  unique_fd stat_;
  unique_fd meminfo_;
};

/// In percent; 0 when nothing is known.
[[nodiscard]] double percent_of(std::uint64_t part, std::uint64_t whole);

} // namespace outrigger::os
