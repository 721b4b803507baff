// SANDBOX: what the daemon gives up for itself once it has started, so that
// whoever takes it over finds little to do with it.
//
//   no_new_privs ─► Landlock (files) ─► seccomp (system calls) ─► not dumpable
//
// Sessions are not touched: the holder, their parent, was forked before, or is
// forked by a helper that was (holder_starter).
//
// What it does not cover:
//  - descriptors that are open already or arrive by SCM_RIGHTS (rings, pty
//    masters, listening sockets): Landlock judges when a file is opened;
//  - connections, to TCP ports and to sockets of the file system alike;
//  - root's other powers: run the daemon as the workspace's user.
//
// What the daemon can no longer do, and features must know:
//  - run a program or fork: that is the holder's work;
//  - look into a process outside the sandbox, sessions among them: Landlock
//    refuses the links /proc/PID/{fd/N,cwd,exe,root}, even to root, and mostly
//    environ and maps; stat, status, cmdline, cgroup and /proc/net stay
//    readable;
//  - open what is in none of the plan's trees, /dev/ptmx among it.
#pragma once

#include <string>
#include <vector>

namespace outrigger::os {

/// Trees, or single files, the process keeps access to; nothing in them can
/// be executed. A path that leads nowhere is passed over if it is in
/// `readable`, else it is named in the report.
struct sandbox_plan {
  std::vector<std::string> writable; // everything but running and mknod
  std::vector<std::string> readable; // reading files and directories
  /// Directories in which unix sockets are made and removed.
  std::vector<std::string> sockets = {};
};

struct sandbox_report {
  bool no_new_privs = false;
  bool seccomp = false;
  int landlock_abi = 0; // 0: files are not restricted
  std::string degraded; // one sentence on what is missing; empty when complete
};

/// What every daemon needs of the system: /dev/null to write; libraries, time
/// zone, certificates, /proc, control groups, processors and random numbers to
/// read. The caller adds its own trees.
[[nodiscard]] sandbox_plan system_plan();

/// Enters the sandbox, for good. Never fails: what the kernel does not offer
/// is left out and said in the report. Landlock covers the calling thread and
/// those it starts from then on, so call it while there is one thread (the
/// report tells when there are more); the rest covers all threads.
///
/// The process also stops being dumpable: no core files, and no ptrace, no
/// /proc/PID/mem and no pidfd_getfd by other processes of the same user. The
/// price: its files in /proc belong to root then, and those of mode 0400 and
/// 0600 (environ, oom_score_adj) are out of an unprivileged daemon's own
/// reach. statm, status, cgroup, mountinfo and /proc/self/fd stay readable.
///
/// In a build with AddressSanitizer a fork, ptrace and being dumpable stay
/// allowed: its leak check needs them.
sandbox_report enter_sandbox(const sandbox_plan& plan);

} // namespace outrigger::os
