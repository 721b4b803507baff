// Holders started by a helper process.
#include "actors/os/error.hpp"
#include "actors/os/holder_starter.hpp"
#include "actors/os/listen_socket.hpp"
#include "actors/os/service_environment.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace outrigger::os::test {

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string proc(pid_t pid, const std::string& name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

/// The value of a line "Name:\tvalue" of /proc/PID/status.
std::string status_of(pid_t pid, const std::string& name) {
  const std::string text = contents(proc(pid, "status"));
  const auto at = text.find("\n" + name + ":");
  if (at == std::string::npos)
    return {};
  const auto begin = text.find_first_not_of(" \t", at + name.size() + 2);
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// Whether the process, a child of ours, has ended; reaps it.
bool reaped(pid_t pid) {
  return ::waitpid(pid, nullptr, WNOHANG) == pid;
}

/// Ends a holder the helper started, which is not our child.
void end_holder(pid_t pid) {
  ::kill(pid, SIGTERM);
  CHECK(eventually([&] { return !process_exists(pid); }));
}

} // namespace

TEST_CASE("a helper starts one holder after the other") {
  const temporary_directory directory;
  const std::string path = directory.path() + "/s";
  pid_t helper = 0;
  {
    auto starter = holder_starter::fork_off(HOLDER_PATH, path);
    REQUIRE(starter.has_value());
    helper = starter->pid();
    for (int i = 0; i < 3; ++i) {
      const auto pid = starter->start();
      REQUIRE(pid.has_value());
      CHECK(holder_listening(path));
      CHECK(daemon_side(path).client->holder_pid() == *pid);
      CHECK(status_of(*pid, "PPid") == std::to_string(helper));
      CHECK(::getsid(*pid) == *pid);
      // As start_holder says it.
      CHECK(starter->start().error() == os_error(EADDRINUSE));
      end_holder(*pid); // and nobody but the helper could have reaped it
    }
  }
  CHECK(eventually([&] { return reaped(helper); }));
}

TEST_CASE("a helper passes on why a holder cannot be started") {
  const temporary_directory directory;
  auto starter =
      holder_starter::fork_off("/no/such/holder", directory.path() + "/s");
  CHECK(starter->start().error() == os_error(ENOENT));
  CHECK(starter->start().error() == os_error(ENOENT)); // it is still there
  const pid_t helper = starter->pid();
  starter = holder_starter::fork_off(HOLDER_PATH, std::string(200, 'x'));
  CHECK(eventually([&] { return reaped(helper); }));
  CHECK(starter->start().error() == os_error(ENAMETOOLONG));
}

TEST_CASE("a holder of a helper gets the options given at the beginning") {
  const temporary_directory directory;
  auto starter = holder_starter::fork_off(HOLDER_PATH, directory.path() + "/s",
                                          {"--idle-exit", "1"});
  const auto pid = starter->start();
  REQUIRE(pid.has_value());
  CHECK(eventually([&] { return !process_exists(*pid); }));
}

TEST_CASE("a helper holds nothing of the daemon's but stderr") {
  const temporary_directory directory;
  const unique_fd inherited(::open("/dev/null", O_RDONLY)); // no O_CLOEXEC
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &blocked, &before);
  ::setenv("NOTIFY_SOCKET", "/nowhere", 1);
  auto starter = holder_starter::fork_off(HOLDER_PATH, directory.path() + "/s");
  ::unsetenv("NOTIFY_SOCKET");
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const auto holder = starter->start(); // the helper is ready by now
  REQUIRE(holder.has_value());
  const pid_t helper = starter->pid();

  CHECK(contents(proc(helper, "comm")) == "outrigger-start\n");
  CHECK(::getsid(helper) == helper);
  const std::filesystem::directory_iterator fds(proc(helper, "fd"));
  CHECK(std::distance(begin(fds), end(fds)) == 4);
  for (const char* fd : {"fd/0", "fd/1"})
    CHECK(std::filesystem::read_symlink(proc(helper, fd)) == "/dev/null");
  CHECK(std::filesystem::read_symlink(proc(helper, "fd/2")) ==
        std::filesystem::read_symlink("/proc/self/fd/2"));
  CHECK(status_of(helper, "SigBlk") == "0000000000000000");
  CHECK(status_of(helper, "SigIgn") == "0000000000010000"); // SIGCHLD
  for (const char* name : service_variables)
    CHECK(contents(proc(*holder, "environ")).find(name) == std::string::npos);
  end_holder(*holder);
  starter = os_error(); // ends it
  CHECK(eventually([&] { return reaped(helper); }));
}

TEST_CASE("a helper ends with the daemon, SIGKILL included") {
  const temporary_directory directory;
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const unique_fd read_end(pipe[0]);
  unique_fd write_end(pipe[1]);
  // The grandchild keeps its stderr: that is how its end is seen.
  const int status = in_child([&] {
    ::dup2(write_end.get(), STDERR_FILENO);
    write_end.reset();
    auto starter =
        holder_starter::fork_off("/no/such/holder", directory.path() + "/s");
    if (starter->start().error() != os_error(ENOENT))
      return 1;
    ::raise(SIGKILL);
    return 2;
  });
  CHECK(status == 128 + SIGKILL);
  write_end.reset();
  char byte = 0;
  CHECK(::read(read_end.get(), &byte, 1) == 0); // end of file: all are gone
}

TEST_CASE("a helper that is gone is an error, not a hang") {
  const temporary_directory directory;
  auto starter = holder_starter::fork_off(HOLDER_PATH, directory.path() + "/s");
  ::kill(starter->pid(), SIGKILL);
  REQUIRE(::waitpid(starter->pid(), nullptr, 0) == starter->pid());
  CHECK(starter->start().error() == errc::starter_lost);
  CHECK(starter->start().error() == errc::starter_lost);
}

TEST_CASE(
    "the answer to a request that was given up is not taken for another") {
  const temporary_directory directory;
  const std::string path = directory.path() + "/s";
  auto starter = holder_starter::fork_off(HOLDER_PATH, path);
  ::kill(starter->pid(), SIGSTOP);
  CHECK(starter->start(50ms).error() == os_error(ETIMEDOUT));
  ::kill(starter->pid(), SIGCONT);
  // The first request is worked off before the second.
  CHECK(starter->start().error() == os_error(EADDRINUSE));
  end_holder(daemon_side(path).client->holder_pid());
  const pid_t helper = starter->pid();
  starter = os_error();
  CHECK(eventually([&] { return reaped(helper); }));
}

TEST_CASE("a helper works for a process that ignores its children") {
  const temporary_directory directory;
  CHECK(in_child([&] {
          ::signal(SIGCHLD, SIG_IGN);
          const std::string path = directory.path() + "/s";
          auto starter =
              holder_starter::fork_off(HOLDER_PATH, path, {"--idle-exit", "1"});
          if (!starter->start() || !holder_listening(path))
            return 1;
          return 0;
        }) == 0);
}

} // namespace outrigger::os::test
