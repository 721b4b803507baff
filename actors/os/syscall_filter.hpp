// The part of the sandbox that is about system calls (seccomp). Everything is
// allowed but what a daemon that serves terminals never needs: running
// programs, looking into other processes, changing the machine.
#pragma once

#include <system_error>

namespace outrigger::os {

/// Whether this build must leave LeakSanitizer what it works with.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool leak_check_at_exit = true;
#else
inline constexpr bool leak_check_at_exit = false;
#endif

/// Installs the filter in every thread of the process. Refused calls fail with
/// EPERM, clone3 with ENOSYS (glibc then uses clone, whose flags can be
/// looked at); so does every call of another architecture's (EPERM). Needs
/// no_new_privs, or CAP_SYS_ADMIN. EINVAL, ENOSYS: the kernel has no filters.
std::error_code filter_system_calls();

} // namespace outrigger::os
