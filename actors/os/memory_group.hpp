// The control group whose memory limit ends this process first: its use and
// its limit, of either version of control groups.
//
// The group and all above it are opened once; a process that is moved into
// another group afterwards is not followed. Reading costs microseconds.
#pragma once

#include "actors/os/unique_fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

struct group_memory {
  /// Bytes charged to every process of the group, without file cache that the
  /// kernel would drop before it runs short.
  std::uint64_t used = 0;
  std::optional<std::uint64_t> limit; // empty: unlimited
};

class memory_group {
public:
  /// Finds the group by /proc/self/cgroup and /proc/self/mountinfo. `root` is
  /// put before every path: for tests.
  explicit memory_group(const std::string& root = {});

  /// Of the group and those above it, the fullest that has a limit; else its
  /// own use. Empty when there is no memory controller, or it cannot be read.
  [[nodiscard]] std::optional<group_memory> read() const;

private:
  struct level {
    unique_fd usage;
    unique_fd limit;
    unique_fd statistics;
  };
  [[nodiscard]] std::optional<group_memory> read(const level& from) const;
  void open_levels(std::string directory, std::string_view mount);

  bool unified_ = false;      // version 2
  std::vector<level> levels_; // our group first, then its parents
};

} // namespace outrigger::os
