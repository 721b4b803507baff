// Files in the sandbox: what is refused, and what must go on working.
#include "actors/os/file_rules.hpp"
#include "actors/os/files/inotify_queue.hpp"
#include "actors/os/load_probe.hpp"
#include "actors/os/syscall_filter.hpp"
#include "tests/os/sandbox_fixture.hpp"
#include "tests/os/skip.hpp"

#include <catch2/catch.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

namespace outrigger::os::test {

namespace {

bool have_landlock() {
  return landlock_abi().has_value();
}

constexpr const char* no_landlock = "this kernel has no Landlock";

/// Runs the body in a child in the sandbox; 90 if files are not restricted.
int in_sandbox(const sandbox_trees& trees, const std::function<int()>& body) {
  return in_child([&] {
    if (enter_sandbox(trees.plan()).landlock_abi == 0)
      return 90;
    return body();
  });
}

int rename_errno(const std::string& from, const std::string& to) {
  return errno_of(::rename(from.c_str(), to.c_str()));
}

} // namespace

TEST_CASE("in the sandbox files outside the trees are out of reach",
          "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [&] {
          const std::string file = trees("out/f");
          if (open_errno(file, O_RDONLY) != EACCES)
            return 1;
          if (open_errno(file, O_WRONLY) != EACCES)
            return 2;
          if (open_errno(trees("out/new"), O_WRONLY | O_CREAT) != EACCES)
            return 3;
          if (open_errno(trees("out"), O_RDONLY | O_DIRECTORY) != EACCES)
            return 4;
          if (errno_of(::unlink(file.c_str())) != EACCES)
            return 5;
          if (errno_of(::mkdir(trees("out/d").c_str(), 0700)) != EACCES)
            return 6;
          if (errno_of(::symlink("f", trees("out/l").c_str())) != EACCES)
            return 7;
          if (open_errno("/etc/passwd", O_RDONLY) != EACCES)
            return 8;
          if (open_errno("/dev/ptmx", O_RDWR) != EACCES)
            return 9;
          // A link from inside leads to the same place.
          if (::symlink(file.c_str(), trees("in/l").c_str()) != 0)
            return 10;
          return open_errno(trees("in/l"), O_RDONLY) == EACCES ? 0 : 11;
        }) == 0);
}

TEST_CASE("in the sandbox writable trees are used as before", "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [&] {
          // As files are written atomically: nameless, named, renamed over.
          unique_fd fresh(::open(trees("in").c_str(),
                                 O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
          if (!fresh || ::write(fresh.get(), "new", 3) != 3)
            return 1;
          const auto path = "/proc/self/fd/" + std::to_string(fresh.get());
          if (::linkat(AT_FDCWD, path.c_str(), AT_FDCWD, trees("in/t").c_str(),
                       AT_SYMLINK_FOLLOW) != 0)
            return 2;
          if (rename_errno(trees("in/t"), trees("in/f")) != 0)
            return 3;
          if (open_errno(trees("in/f"), O_RDWR | O_TRUNC) != 0)
            return 4;
          if (::mkdir(trees("in/d").c_str(), 0700) != 0)
            return 5;
          if (rename_errno(trees("in/f"), trees("in/d/f")) != 0)
            return 6;
          if (landlock_abi().value() >= 2 &&
              rename_errno(trees("in/d/f"), trees("in2/moved")) != 0)
            return 7;
          if (::unlink(trees("in2/moved").c_str()) != 0 ||
              ::rmdir(trees("in/d").c_str()) != 0)
            return 8;
          if (open_errno("/dev/null", O_RDWR) != 0)
            return 9;
          return open_errno(trees("in"), O_RDONLY | O_DIRECTORY) == 0 ? 0 : 10;
        }) == 0);
}

TEST_CASE("in the sandbox readable trees are only read", "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [&] {
          if (open_errno(trees("read/f"), O_RDONLY) != 0 ||
              open_errno(trees("read"), O_RDONLY | O_DIRECTORY) != 0)
            return 1;
          if (open_errno(trees("read/f"), O_WRONLY) != EACCES)
            return 2;
          if (errno_of(::unlink(trees("read/f").c_str())) != EACCES)
            return 3;
          if (rename_errno(trees("in/f"), trees("read/g")) != EACCES)
            return 4;
          if (landlock_abi().value() >= 3 &&
              errno_of(::truncate(trees("read/f").c_str(), 0)) != EACCES)
            return 5;
          for (const char* path :
               {"/proc/self/status", "/etc/localtime", "/dev/urandom",
                "/sys/devices/system/cpu/online", "/usr/bin/env"})
            if (open_errno(path, O_RDONLY) != 0 && errno != ENOENT)
              return 6;
          return 0;
        }) == 0);
}

TEST_CASE("in the sandbox no device can be made, even where files can",
          "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  if (::geteuid() != 0)
    return skip("only root makes devices");
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [&] {
          const auto null = ::makedev(1, 3);
          if (errno_of(::mknod(trees("in/c").c_str(), S_IFCHR | 0600, null)) !=
              EACCES)
            return 1;
          return ::mkfifo(trees("in/p").c_str(), 0600) == 0 ? 0 : 2;
        }) == 0);
}

TEST_CASE("rules for files alone keep programs from being run", "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  CHECK(in_child([] { // no filter of system calls here
          auto rules = file_rules::make(landlock_abi().value());
          if (rules->allow_writing("/") ||
              ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || rules->enforce())
            return 91;
          return errno_of(::execl("/bin/true", "true", nullptr)) == EACCES ? 0
                                                                           : 1;
        }) == 0);
}

TEST_CASE("in the sandbox sockets are made where they may be, and reached "
          "everywhere",
          "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  const unique_fd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(bind_unix(server.get(), trees("out/s")) == 0);
  REQUIRE(::listen(server.get(), 1) == 0);
  CHECK(in_sandbox(trees, [&] {
          const auto fresh = [] {
            return unique_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
          };
          if (connect_unix(fresh().get(), trees("out/s")) != 0)
            return 1;
          if (errno_of(bind_unix(fresh().get(), trees("out/t"))) != EACCES)
            return 2;
          const std::string own = trees("sockets/s");
          if (bind_unix(fresh().get(), own) != 0 ||
              ::unlink(own.c_str()) != 0 || bind_unix(fresh().get(), own) != 0)
            return 3;
          if (open_errno(trees("sockets/new"), O_WRONLY | O_CREAT) != EACCES ||
              open_errno(trees("sockets/f"), O_RDONLY) != EACCES)
            return 4;
          return bind_unix(fresh().get(), trees("in/s")) == 0 ? 0 : 5;
        }) == 0);
}

TEST_CASE("files that were open before the sandbox stay open", "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_child([&] {
          const unique_fd file(
              ::open(trees("out/f").c_str(), O_RDWR | O_CLOEXEC));
          if (enter_sandbox(trees.plan()).landlock_abi == 0)
            return 90;
          return ::pwrite(file.get(), "new", 3, 0) == 3 ? 0 : 1;
        }) == 0);
}

TEST_CASE("threads started in the sandbox are in it", "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [&] {
          int refused = 0;
          std::thread([&] {
            refused = open_errno(trees("out/f"), O_RDONLY);
          }).join();
          return refused == EACCES ? 0 : 1;
        }) == 0);
}

TEST_CASE("in the sandbox only the surface of other processes is seen",
          "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  const std::string other = "/proc/" + std::to_string(::getpid()) + "/";
  CHECK(in_sandbox(trees, [&] {
          for (const char* name : {"stat", "status", "cmdline", "cgroup"})
            if (open_errno(other + name, O_RDONLY) != 0)
              return 1;
          char target[256];
          for (const char* name : {"cwd", "exe", "root", "fd/0"}) {
            const int why = errno_of(
                ::readlink((other + name).c_str(), target, sizeof target));
            if (why != EACCES && why != EPERM)
              return 2;
          }
          return 0;
        }) == 0);
}

// -- what is said about it ----------------------------------------------------

TEST_CASE("a complete sandbox says so", "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_child([&] {
          const auto report = enter_sandbox(trees.plan());
          if (!report.degraded.empty() && report.landlock_abi >= 3) {
            std::fprintf(stderr, "degraded: %s\n", report.degraded.c_str());
            return 1;
          }
          if (!report.no_new_privs || !report.seccomp ||
              report.landlock_abi !=
                  std::min(landlock_abi().value(), newest_landlock_abi))
            return 2;
          if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
              ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2)
            return 3;
          return ::prctl(PR_GET_DUMPABLE) == (leak_check_at_exit ? 1 : 0) ? 0
                                                                          : 4;
        }) == 0);
}

TEST_CASE("a path that is not there is said unless it is only to be read",
          "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_child([&] {
          auto plan = trees.plan();
          plan.readable.emplace_back("/no/such/tree");
          return enter_sandbox(plan).degraded.find("/no/such") ==
                         std::string::npos
                     ? 0
                     : 1;
        }) == 0);
  CHECK(in_child([&] {
          auto plan = trees.plan();
          plan.writable.emplace_back("/no/such/root");
          const auto report = enter_sandbox(plan);
          if (report.degraded !=
              "no access to /no/such/root (No such file or directory)")
            return 1;
          return open_errno(trees("out/f"), O_RDONLY) == EACCES ? 0 : 2;
        }) == 0);
}

TEST_CASE("a kernel without Landlock leaves the rest of the sandbox",
          "[seccomp]") {
  const sandbox_trees trees;
  for (const int error : {ENOSYS, EOPNOTSUPP}) {
    CHECK(in_child([&] {
            if (!fake_missing_call(SCMP_SYS(landlock_create_ruleset), error))
              return 91;
            const auto report = enter_sandbox(trees.plan());
            if (report.landlock_abi != 0 || !report.seccomp ||
                !report.no_new_privs)
              return 1;
            if (!report.degraded.starts_with("files are not restricted"))
              return 2;
            return open_errno(trees("out/f"), O_RDONLY) == 0 ? 0 : 3;
          }) == 0);
  }
}

TEST_CASE("an unprivileged daemon in the sandbox can read its own load",
          "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_child([&] {
          if (!become_nobody())
            return 91;
          const auto report = enter_sandbox(trees.plan());
          if (report.landlock_abi == 0 || !report.seccomp)
            return 1;
          const load_probe probe; // opened inside
          const auto reading = probe.read();
          if (reading.resident == 0 || reading.descriptors < 3)
            return 2;
          DIR* own = ::opendir("/proc/self/fd");
          if (!own)
            return 3;
          ::closedir(own);
          char target[256];
          return ::readlink("/proc/self/fd/0", target, sizeof target) > 0 ? 0
                                                                          : 4;
        }) == 0);
}

TEST_CASE("a process of the same user cannot look into the sandbox",
          "[seccomp]") {
  if (leak_check_at_exit)
    return skip("the leak check of this build needs to be dumpable");
  const sandbox_trees trees;
  CHECK(in_child([&] {
          if (!become_nobody())
            return 91;
          int ready[2];
          if (::pipe(ready) != 0)
            return 92;
          const pid_t inside = ::fork();
          if (inside == 0) {
            (void)enter_sandbox(trees.plan());
            (void)!::write(ready[1], "x", 1);
            ::pause();
          }
          char byte = 0;
          if (::read(ready[0], &byte, 1) != 1)
            return 93;
          const std::string proc = "/proc/" + std::to_string(inside) + "/";
          const int memory = open_errno(proc + "mem", O_RDONLY);
          const int variables = open_errno(proc + "environ", O_RDONLY);
          const long pidfd = ::syscall(SYS_pidfd_open, inside, 0);
          const int taken = errno_of(
              ::syscall(SYS_pidfd_getfd, static_cast<int>(pidfd), 0, 0));
          ::kill(inside, SIGKILL);
          ::waitpid(inside, nullptr, 0);
          return memory != EACCES      ? 1
                 : variables != EACCES ? 2
                 : taken != EPERM      ? 3
                                       : 0;
        }) == 0);
}

TEST_CASE("in the sandbox folders in the trees can be watched", "[landlock]") {
  if (!have_landlock())
    return skip(no_landlock);
  const sandbox_trees trees;
  CHECK(in_sandbox(trees, [&] {
          boost::asio::io_context loop;
          inotify_queue queue{loop};
          if (queue.open())
            return 1;
          const unique_fd folder{
              ::open(trees("in").c_str(), O_RDONLY | O_DIRECTORY)};
          if (!queue.add(folder.get()))
            return 2;
          if (open_errno(trees("in/f"), O_WRONLY | O_TRUNC) != 0)
            return 3;
          const auto records = queue.read();
          return records.find("f") == std::string_view::npos ? 4 : 0;
        }) == 0);
}

} // namespace outrigger::os::test
