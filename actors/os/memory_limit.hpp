// The memory limit that ends this process first: of its control group and of
// those above it, of either version of control groups.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace outrigger::os {

/// The smallest limit in bytes. Empty when there is none, no memory controller,
/// or it cannot be read. The group is found by /proc/self/cgroup and
/// /proc/self/mountinfo; `root` is put before every path: for tests. Reads
/// files, for the start only.
[[nodiscard]] std::optional<std::uint64_t>
memory_limit(const std::string& root = {});

} // namespace outrigger::os
