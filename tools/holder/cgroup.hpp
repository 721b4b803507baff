// One cgroup (v2) per session where the holder may create them: the exact list
// of a session's processes, and a kill that no fork outruns.
#pragma once

#include "actors/os/unique_fd.hpp"

#include <cstdint>
#include <string>

namespace outrigger::holder {

/// The directory in which sessions get cgroups: the holder's own cgroup, if
/// version 2 is mounted. "" when there is none.
std::string find_cgroup_parent();

/// Removes the empty cgroups that holders left which were killed.
void remove_stale_cgroups(const std::string& parent);

/// A session's cgroup, or none: then every member says so quietly.
class cgroup {
public:
  cgroup() = default;
  /// Creates it below `parent` ("": none). None where that is not allowed.
  static cgroup create(const std::string& parent, std::uint64_t key);

  explicit operator bool() const noexcept { return !path_.empty(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// For the child to move itself in, by writing "0".
  [[nodiscard]] os::unique_fd open_procs() const;
  /// Whether a process is left in it or below it.
  [[nodiscard]] bool populated() const;
  /// SIGKILL to everything in it and below. False where the kernel cannot.
  [[nodiscard]] bool kill() const;
  /// Removes the directory, and those that programs made below it. False
  /// while it is populated.
  bool remove();

private:
  std::string path_;
};

} // namespace outrigger::holder
