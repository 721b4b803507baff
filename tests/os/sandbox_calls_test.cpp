// System calls in the sandbox: what is refused, and what must go on working.
#include "actors/os/syscall_filter.hpp"
#include "tests/os/sandbox_fixture.hpp"
#include "tests/os/skip.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <pty.h>
#include <sched.h>
#include <seccomp.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

namespace outrigger::os::test {

namespace {

bool have_filters() {
  // A null filter is a bad address to a kernel that knows filters.
  return ::prctl(PR_SET_SECCOMP, 2, nullptr, 0, 0) == -1 && errno == EFAULT;
}

/// Runs the body in a child in the sandbox; 90 if that is not complete.
int in_sandbox(const sandbox_trees& trees, const std::function<int()>& body) {
  return in_child([&] {
    if (!enter_sandbox(trees.plan()).seccomp)
      return 90;
    return body();
  });
}

/// The number, from 1 on, of the first call that did not fail with EPERM.
int first_allowed(const std::vector<std::function<long()>>& calls) {
  int number = 0;
  for (const auto& call : calls) {
    ++number;
    if (errno_of(call()) != EPERM)
      return number;
  }
  return 0;
}

template <class... Arguments>
std::function<long()> call(long number, Arguments... arguments) {
  return [=] { return ::syscall(number, arguments...); };
}

std::array<char*, 2> arguments_of(char* program) {
  return {program, nullptr};
}

/// Where it runs after all, the child returns 1.
long execute_false() {
  char program[] = "/bin/false";
  auto argv = arguments_of(program);
  return ::execv(program, argv.data());
}

long spawn_true() {
  char program[] = "/bin/true";
  auto argv = arguments_of(program);
  errno =
      ::posix_spawn(nullptr, program, nullptr, nullptr, argv.data(), environ);
  return errno == 0 ? 0 : -1;
}

/// Where a process comes into being after all, it ends at once.
long ended(long pid) {
  if (pid == 0)
    ::_exit(0);
  return pid;
}

/// Every way to a process but clone3.
std::vector<std::function<long()>> ways_to_a_process() {
  std::vector<std::function<long()>> ways{
      [] { return ended(::fork()); },
      [] {
        return ended(
            ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0));
      },
      spawn_true,
      [] {
        const pid_t pid = ::vfork();
        if (pid == 0)
          ::_exit(0);
        return long{pid};
      }};
#ifdef SYS_fork
  ways.emplace_back([] { return ended(::syscall(SYS_fork)); });
#endif
  return ways;
}

} // namespace

TEST_CASE("in the sandbox no program can be run", "[seccomp]") {
  if (!have_filters())
    return skip("this kernel has no seccomp filters");
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [] {
          const unique_fd program(::open("/bin/false", O_RDONLY | O_CLOEXEC));
          return first_allowed(
              {execute_false, call(SYS_execveat, program.get(), "", nullptr,
                                   nullptr, AT_EMPTY_PATH)});
        }) == 0);
}

TEST_CASE("in the sandbox no process can be made", "[seccomp]") {
  if (!have_filters())
    return skip("this kernel has no seccomp filters");
  if (leak_check_at_exit)
    return skip("the leak check of this build needs to fork");
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [] { return first_allowed(ways_to_a_process()); }) ==
        0);
  CHECK(in_sandbox(trees, [] {
          // The flags of clone3 are in memory, where a filter cannot look.
          return errno_of(::syscall(SYS_clone3, nullptr, 0)) == ENOSYS ? 0 : 1;
        }) == 0);
}

TEST_CASE("in the sandbox threads still start", "[seccomp]") {
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [] {
          std::atomic<int> ran = 0;
          std::vector<std::thread> threads;
          for (int i = 0; i < 8; ++i)
            threads.emplace_back([&ran] { ++ran; });
          for (auto& thread : threads)
            thread.join();
          return ran == 8 ? 0 : 1;
        }) == 0);
}

TEST_CASE("threads that ran before are in the sandbox too", "[seccomp]") {
  if (!have_filters())
    return skip("this kernel has no seccomp filters");
  const sandbox_trees trees;
  CHECK(in_child([&trees] {
          std::atomic<bool> entered = false;
          int refused = 0;
          std::thread earlier([&] {
            entered.wait(false);
            refused = errno_of(execute_false());
          });
          const auto report = enter_sandbox(trees.plan());
          entered = true;
          entered.notify_one();
          earlier.join();
          // Landlock does not reach it, and that is said.
          const bool said =
              report.landlock_abi == 0 ||
              report.degraded.find("1 threads that ran") != std::string::npos;
          return !report.seccomp ? 90 : !said ? 1 : refused == EPERM ? 0 : 2;
        }) == 0);
}

TEST_CASE("in the sandbox other processes cannot be looked into", "[seccomp]") {
  if (!have_filters())
    return skip("this kernel has no seccomp filters");
  const sandbox_trees trees;
  CHECK(
      in_sandbox(trees, [] {
        return first_allowed(
            {call(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0),
             call(SYS_process_vm_writev, ::getpid(), nullptr, 0, nullptr, 0, 0),
             call(SYS_pidfd_getfd, -1, 0, 0),
             call(SYS_kcmp, ::getpid(), ::getpid(), 0, 0, 0)});
      }) == 0);
  if (leak_check_at_exit)
    return skip("the leak check of this build needs ptrace");
  CHECK(in_sandbox(trees, [] {
          return first_allowed({[] {
            return long{::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)};
          }});
        }) == 0);
}

// The arguments are wrong, so that without the filter the calls fail with
// another errno, or do nothing.
TEST_CASE("in the sandbox the machine cannot be changed", "[seccomp]") {
  if (!have_filters())
    return skip("this kernel has no seccomp filters");
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [] {
          return first_allowed({
              [] { return long{::mount("x", "/x", "x", 0, nullptr)}; },
              [] { return long{::umount2("/nowhere", 0)}; },
              call(SYS_pivot_root, "/nowhere", "/nowhere"),
              call(SYS_chroot, "/nowhere"),
              call(SYS_fsopen, "nothing", 0),
              call(SYS_open_tree, -1, "nowhere", 0),
              call(SYS_mount_setattr, -1, "nowhere", 0, nullptr, 0),
              call(SYS_setns, -1, 0),
              call(SYS_unshare, 0),
              call(SYS_open_by_handle_at, -1, nullptr, 0), // 10
              call(SYS_bpf, 9999, nullptr, 0),
              call(SYS_kexec_load, 0, 999, nullptr, ~0UL),
              call(SYS_init_module, nullptr, 0, ""),
              call(SYS_finit_module, -1, "", 0),
              call(SYS_delete_module, "nothing", 0),
              call(SYS_perf_event_open, nullptr, 0, -1, -1, 0),
              call(SYS_userfaultfd, ~0),
              call(SYS_personality, 0xffff'ffffL),
              call(SYS_io_uring_setup, 0, nullptr),
              call(SYS_keyctl, 9999, 0, 0, 0, 0), // 20
              call(SYS_add_key, "x", "x", nullptr, 0, 0),
              call(SYS_request_key, nullptr, nullptr, nullptr, 0),
              call(SYS_reboot, 1, 2, 3, nullptr),
              [] { return long{::swapon("/nowhere", 0)}; },
              [] { return long{::swapoff("/nowhere")}; },
              call(SYS_acct, "/nowhere"),
              call(SYS_sethostname, nullptr, -1),
              call(SYS_clock_settime, 9999, nullptr),
          });
        }) == 0);
}

TEST_CASE("in the sandbox nothing can be typed into a terminal from behind",
          "[seccomp]") {
  if (!have_filters())
    return skip("this kernel has no seccomp filters");
  const sandbox_trees trees;
  int master = -1;
  int slave = -1;
  REQUIRE(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
  const unique_fd closes_master(master);
  const unique_fd closes_slave(slave);
  CHECK(in_sandbox(trees, [&] {
          char key = 'x';
          winsize size{24, 80, 0, 0};
          if (::ioctl(master, TIOCSWINSZ, &size) != 0)
            return 91;
          // The kernel looks at the lower half of the request only.
          return first_allowed(
              {call(SYS_ioctl, slave, TIOCSTI, &key),
               call(SYS_ioctl, slave, 0xabcd'0000'0000'0000UL | TIOCSTI, &key),
               call(SYS_ioctl, slave, TIOCLINUX, &key)});
        }) == 0);
}

#ifdef __x86_64__
namespace {

/// getpid by the door of 32-bit programs; -errno as the kernel gives it.
long getpid_of_i386() {
  long number = 20;
  asm volatile("int $0x80"
               : "+a"(number)
               :
               : "memory", "r8", "r9", "r10", "r11");
  return number;
}

} // namespace

TEST_CASE("in the sandbox calls of other architectures are refused",
          "[seccomp]") {
  if (!have_filters())
    return skip("this kernel has no seccomp filters");
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [] { // x32; ENOSYS where the kernel knows none
          constexpr long x32_getpid = 0x4000'0000 | SYS_getpid;
          return first_allowed({call(x32_getpid)});
        }) == 0);
  if (in_child([] { return getpid_of_i386() == ::getpid() ? 0 : 1; }) != 0)
    return skip("this kernel does not run 32-bit programs");
  CHECK(in_sandbox(trees, [] { return getpid_of_i386() == -EPERM ? 0 : 1; }) ==
        0);
}
#endif

TEST_CASE("in the sandbox memory and descriptors are shared as before",
          "[seccomp]") {
  const sandbox_trees trees;
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair.data()) == 0);
  const unique_fd ours(pair[0]);
  const unique_fd theirs(pair[1]);
  // From outside the sandbox comes a file the sandbox could not open.
  const unique_fd file(::open(trees("out/f").c_str(), O_RDWR | O_CLOEXEC));
  char byte = 'x';
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int sent = file.get();
  std::memcpy(CMSG_DATA(header), &sent, sizeof sent);
  REQUIRE(::sendmsg(ours.get(), &message, 0) == 1);
  CHECK(in_sandbox(trees, [&] {
          const unique_fd ring(::memfd_create("ring", MFD_CLOEXEC));
          if (::ftruncate(ring.get(), 8192) != 0)
            return 1;
          void* mapped = ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE,
                                MAP_SHARED, ring.get(), 0);
          if (mapped == MAP_FAILED)
            return 2;
          std::memset(mapped, 'x', 8192);
          if (::recvmsg(theirs.get(), &message, MSG_CMSG_CLOEXEC) != 1)
            return 3;
          int received = -1;
          std::memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)),
                      sizeof received);
          std::array<char, 3> text{};
          if (::pread(received, text.data(), 3, 0) != 3 || text[0] != 'o')
            return 4;
          return ::pwrite(received, "new", 3, 0) == 3 ? 0 : 5;
        }) == 0);
}

TEST_CASE("a kernel without filters leaves the rest of the sandbox",
          "[seccomp]") {
  if (!have_filters())
    return skip("this kernel has no seccomp filters");
  const sandbox_trees trees;
  CHECK(in_child([&trees] {
          // libseccomp asks by either call.
          if (!fake_missing_call(SCMP_SYS(prctl), EINVAL, PR_SET_SECCOMP) ||
              !fake_missing_call(SCMP_SYS(seccomp), ENOSYS))
            return 91;
          const auto report = enter_sandbox(trees.plan());
          if (report.seccomp || !report.no_new_privs)
            return 1;
          return report.degraded.find("system calls are not restricted") ==
                         std::string::npos
                     ? 2
                     : 0;
        }) == 0);
}

} // namespace outrigger::os::test
