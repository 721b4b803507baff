// Making one child process on a pty or on pipes.
//
//   fork -> child: own session, terminal, clean signals, cgroup, cwd -> exec
//                    | failure: the step and errno through the status pipe
//
// The status pipe closes at exec, so its end of file means success.
#pragma once

#include "actors/os/holder_protocol.hpp"
#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"
#include "tools/holder/cgroup.hpp"

#include <sys/types.h>

#include <cstdint>

namespace outrigger::holder {

/// What a child is to be.
struct child_plan {
  std::uint64_t key = 0;
  os::holder::kind kind = os::holder::kind::pty;
  std::uint16_t cols = 0;
  std::uint16_t rows = 0;
  os::holder::spawn_strings strings;
};

/// A started child, and our ends of what it has. All are non-blocking.
struct child {
  pid_t pid = 0;
  os::unique_fd pidfd;
  os::unique_fd status; // reads child_report, then end of file
  os::unique_fd input;  // pty master, or stdin pipe
  os::unique_fd output; // pipes only: stdout
  os::unique_fd errors; // pipes only: stderr
};

/// What the child says before exec. step::cgroup is not a failure.
struct child_report {
  os::holder::step step = os::holder::step::none;
  std::int32_t error = 0;
};

struct child_failure {
  std::error_code error;
  os::holder::step step = os::holder::step::none;
};

boost::system::result<child, child_failure> start_child(child_plan plan,
                                                        const cgroup& group);

/// Raises our limit of open files to what is allowed. Children get the limit
/// back that was there before.
void raise_file_limit() noexcept;
void restore_file_limit() noexcept;

} // namespace outrigger::holder
