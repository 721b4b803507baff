#include "tools/holder/signals.hpp"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace outrigger::holder {

void reset_signals() noexcept {
  // System calls: the library's functions refuse signals 32 and 33, which a
  // parent may nevertheless have left ignored or blocked. All zero is SIG_DFL
  // in the kernel's struct, whatever its layout.
  constexpr std::size_t kernel_set = 8;
  constexpr int last_signal = 64;
  alignas(16) char zero[128] = {};
  for (int signo = 1; signo <= last_signal; ++signo)
    ::syscall(SYS_rt_sigaction, signo, zero, nullptr, kernel_set);
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, zero, nullptr, kernel_set);
}

os::result<os::unique_fd> open_signals() {
  ::signal(SIGPIPE, SIG_IGN); // stderr may be a pipe whose reader is gone
  sigset_t handled;
  ::sigemptyset(&handled);
  for (const int signo : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT})
    ::sigaddset(&handled, signo);
  if (::sigprocmask(SIG_BLOCK, &handled, nullptr) != 0)
    return os::os_error();
  os::unique_fd fd(::signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd)
    return os::os_error();
  return fd;
}

} // namespace outrigger::holder
