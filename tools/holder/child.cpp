#include "tools/holder/child.hpp"

#include "actors/os/spawn_setup.hpp"
#include "tools/holder/signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace outrigger::holder {

namespace {

using os::holder::kind;
using os::holder::step;

rlimit file_limit{}; // as we were started with; rlim_cur 0: not raised

// The child's ends; they close in the parent when start_child returns.
struct child_ends {
  os::unique_fd in; // the slave side of a pty is all three
  os::unique_fd out;
  os::unique_fd err;
  os::unique_fd status;
  os::unique_fd cgroup_procs;
};

void report(int fd, step failed) noexcept {
  const child_report message{failed, errno};
  [[maybe_unused]] const auto n = ::write(fd, &message, sizeof message);
}

void take_terminal(const child_ends& ends) noexcept {
  ::setsid();
  if (!ends.out)
    ::ioctl(ends.in.get(), TIOCSCTTY, 0);
}

[[noreturn]] void run_child(child_plan& plan, const child_ends& ends,
                            char* const argv[], char** env) noexcept {
  const int status = ends.status.get();
  take_terminal(ends);
  if (ends.cgroup_procs && ::write(ends.cgroup_procs.get(), "0", 1) != 1)
    report(status, step::cgroup);
  ::dup2(ends.in.get(), STDIN_FILENO);
  ::dup2(ends.out ? ends.out.get() : ends.in.get(), STDOUT_FILENO);
  ::dup2(ends.err ? ends.err.get() : ends.in.get(), STDERR_FILENO);
  // The status pipe moves to 3, everything above goes.
  constexpr int kept = 3;
  if (status != kept)
    ::dup3(status, kept, O_CLOEXEC);
  ::syscall(SYS_close_range, kept + 1, ~0U, 0);
  restore_file_limit();
  reset_signals();
  if (::chdir(plan.strings.cwd.c_str()) != 0) {
    report(kept, step::chdir);
    ::_exit(127);
  }
  environ = env; // execvp searches the PATH of the child's own environment
  ::execvp(plan.strings.program.c_str(), argv);
  report(kept, step::exec);
  ::_exit(127);
}

std::error_code make_pipe(os::unique_fd& read_end, os::unique_fd& write_end) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0)
    return os::os_error();
  read_end.reset(fds[0]);
  write_end.reset(fds[1]);
  return {};
}

std::error_code set_nonblocking(const os::unique_fd& fd) {
  const int flags = ::fcntl(fd.get(), F_GETFL);
  return flags >= 0 && ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) == 0
             ? std::error_code()
             : os::os_error();
}

std::error_code open_pty(const child_plan& plan, child& ours,
                         child_ends& theirs) {
  ours.input.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!ours.input || ::unlockpt(ours.input.get()) != 0)
    return os::os_error();
  // The slave by way of the master: no path that could mean another mount.
  theirs.in.reset(
      ::ioctl(ours.input.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  winsize size{};
  size.ws_col = plan.cols;
  size.ws_row = plan.rows;
  termios modes{};
  if (!theirs.in || ::ioctl(ours.input.get(), TIOCSWINSZ, &size) != 0 ||
      ::tcgetattr(theirs.in.get(), &modes) != 0)
    return os::os_error();
  modes.c_iflag |= IUTF8;
  if (::tcsetattr(theirs.in.get(), TCSANOW, &modes) != 0)
    return os::os_error();
  return set_nonblocking(ours.input);
}

std::error_code open_pipes(child& ours, child_ends& theirs) {
  if (auto error = make_pipe(theirs.in, ours.input))
    return error;
  if (auto error = make_pipe(ours.output, theirs.out))
    return error;
  if (auto error = make_pipe(ours.errors, theirs.err))
    return error;
  for (const auto* fd : {&ours.input, &ours.output, &ours.errors})
    if (auto error = set_nonblocking(*fd))
      return error;
  return {};
}

void mark_environment(child_plan& plan) {
  const std::string name = std::string(os::holder::session_variable) + "=";
  auto& env = plan.strings.env;
  std::erase_if(env,
                [&](const auto& entry) { return entry.starts_with(name); });
  env.insert(env.begin(), name + os::holder::key_name(plan.key));
}

} // namespace

void raise_file_limit() noexcept {
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0)
    return;
  rlimit wanted = now;
  wanted.rlim_cur = now.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0)
    file_limit = now;
}

void restore_file_limit() noexcept {
  if (file_limit.rlim_cur != 0)
    ::setrlimit(RLIMIT_NOFILE, &file_limit);
}

boost::system::result<child, child_failure> start_child(child_plan plan,
                                                        const cgroup& group) {
  child ours;
  child_ends theirs;
  const auto opened = plan.kind == kind::pty ? open_pty(plan, ours, theirs)
                                             : open_pipes(ours, theirs);
  if (opened)
    return child_failure{opened, step::pty};
  if (auto error = make_pipe(ours.status, theirs.status))
    return child_failure{error, step::fork};
  if (auto error = set_nonblocking(ours.status))
    return child_failure{error, step::fork};
  theirs.cgroup_procs = group.open_procs();
  mark_environment(plan);
  const auto argv = os::exec_pointers(plan.strings.argv);
  auto env = os::exec_pointers(plan.strings.env);
  ours.pid = ::fork();
  if (ours.pid == 0)
    run_child(plan, theirs, argv.data(), env.data());
  if (ours.pid < 0)
    return child_failure{os::os_error(), step::fork};
  // Not reaped yet, so the pid is still this child's. Without a pidfd (out of
  // descriptors) there could be no safe signal: then there is no session.
  ours.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, ours.pid, 0)));
  if (!ours.pidfd) {
    const child_failure failure{os::os_error(), step::fork};
    ::kill(ours.pid, SIGKILL);
    return failure;
  }
  return ours;
}

} // namespace outrigger::holder
