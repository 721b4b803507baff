#include "actors/os/syscall_filter.hpp"

#include "actors/os/result.hpp"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>

#include <memory>

namespace outrigger::os {

namespace {

// A number this architecture does not have is negative here.
constexpr int refused[] = {
    // running programs; fork and vfork where they are calls of their own
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
    SCMP_SYS(uselib),
    // other processes
    SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise), SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp),
    // what is mounted, and roots
    SCMP_SYS(mount), SCMP_SYS(umount), SCMP_SYS(umount2), SCMP_SYS(move_mount),
    SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick),
    SCMP_SYS(open_tree), SCMP_SYS(mount_setattr), SCMP_SYS(pivot_root),
    SCMP_SYS(chroot), SCMP_SYS(setns), SCMP_SYS(unshare),
    SCMP_SYS(open_by_handle_at), SCMP_SYS(quotactl), SCMP_SYS(quotactl_fd),
    // the kernel
    SCMP_SYS(bpf), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
    SCMP_SYS(create_module), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
    SCMP_SYS(lookup_dcookie), SCMP_SYS(syslog), SCMP_SYS(personality),
    SCMP_SYS(modify_ldt), SCMP_SYS(vm86), SCMP_SYS(vm86old), SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    // a second way to most calls, past this filter
    SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    // keys
    SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
    // the machine
    SCMP_SYS(reboot), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(acct),
    SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime), SCMP_SYS(adjtimex),
    SCMP_SYS(stime), SCMP_SYS(vhangup)};

/// The requests that type into a terminal as if somebody sat there.
constexpr unsigned long refused_ioctls[] = {TIOCSTI, TIOCLINUX};

#ifdef __s390x__
constexpr unsigned clone_flags = 1; // the stack comes first there
#else
constexpr unsigned clone_flags = 0;
#endif

struct release_filter {
  void operator()(void* filter) const noexcept { ::seccomp_release(filter); }
};
using filter_ptr = std::unique_ptr<void, release_filter>;

/// Collects the first failure; libseccomp returns negative errno values.
class filter_builder {
public:
  filter_builder() : filter_(::seccomp_init(SCMP_ACT_ALLOW)) {
    if (!filter_)
      error_ = os_error(EINVAL);
  }

  void attribute(scmp_filter_attr name, std::uint32_t value) {
    check(filter_ ? ::seccomp_attr_set(filter_.get(), name, value) : 0);
  }

  void refuse(int call, int error = EPERM) {
    if (filter_ && call >= 0)
      check(::seccomp_rule_add_array(filter_.get(), error_action(error), call,
                                     0, nullptr));
  }

  /// Refuses the call when `(argument & mask) == value`.
  void refuse_if(int call, unsigned argument, scmp_datum_t mask,
                 scmp_datum_t value) {
    const scmp_arg_cmp comparison{argument, SCMP_CMP_MASKED_EQ, mask, value};
    if (filter_ && call >= 0)
      check(::seccomp_rule_add_array(filter_.get(), error_action(EPERM), call,
                                     1, &comparison));
  }

  std::error_code load() {
    if (!error_)
      check(::seccomp_load(filter_.get()));
    return error_;
  }

  static std::uint32_t error_action(int error) {
    return SCMP_ACT_ERRNO(static_cast<std::uint16_t>(error));
  }

private:
  void check(int status) {
    if (status < 0 && !error_)
      error_ = os_error(-status);
  }

  filter_ptr filter_;
  std::error_code error_;
};

} // namespace

std::error_code filter_system_calls() {
  filter_builder filter;
  // Other ABIs have other numbers: i386 and x32 would walk around the list.
  filter.attribute(SCMP_FLTATR_ACT_BADARCH,
                   filter_builder::error_action(EPERM));
  filter.attribute(SCMP_FLTATR_CTL_NNP, 0); // set by whoever calls us
  filter.attribute(SCMP_FLTATR_CTL_TSYNC, 1);
  // Slower branches are no defence of ours: nothing here is interpreted code.
  filter.attribute(SCMP_FLTATR_CTL_SSB, 1);
  filter.attribute(SCMP_FLTATR_CTL_OPTIMIZE, 2); // a tree, not a list
  // An errno of the kernel's, not libseccomp's ECANCELED for all of them.
  filter.attribute(SCMP_FLTATR_API_SYSRAWRC, 1);
  for (const int call : refused)
    filter.refuse(call);
  // The request is 32 bits to the kernel, whatever the upper half says.
  for (const auto request : refused_ioctls)
    filter.refuse_if(SCMP_SYS(ioctl), 1, 0xffff'ffff, request);
  // A thread is a clone with CLONE_THREAD; anything else is a process. The
  // leak check at the end of a sanitizer build looks at us from one.
  if (!leak_check_at_exit) {
    filter.refuse_if(SCMP_SYS(clone), clone_flags, CLONE_THREAD, 0);
    filter.refuse(SCMP_SYS(ptrace));
  }
  filter.refuse(SCMP_SYS(clone3), ENOSYS);
  return filter.load();
}

} // namespace outrigger::os
