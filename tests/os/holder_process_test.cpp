// Starting a holder from a daemon, and its going when it is not needed.
#include "actors/os/error.hpp"
#include "actors/os/holder_process.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace outrigger::os::test {

TEST_CASE("a holder that was just started can be connected to at once") {
  const temporary_directory directory;
  const std::string path = directory.path() + "/s";
  CHECK_FALSE(holder_listening(path));
  const auto pid = start_holder(HOLDER_PATH, path);
  REQUIRE(pid.has_value());
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(holder_listening(path));
  {
    daemon_side daemon(path);
    CHECK(daemon.client->holder_pid() == *pid);
    CHECK(::getsid(*pid) == *pid);
    auto program = daemon.spawn(shell("exit 3"));
    REQUIRE(program.has_value());
    CHECK(daemon.exit_of(**program)->value == 3);
    CHECK(start_holder(HOLDER_PATH, path).error() == os_error(EADDRINUSE));
  }
  ::kill(*pid, SIGTERM);
  int ended = -1;
  CHECK(eventually([&] { return ::waitpid(*pid, &ended, WNOHANG) == *pid; }));
  CHECK(ended == 0);
  CHECK(::stat(path.c_str(), &status) != 0); // it took its socket away
}

TEST_CASE("a stale socket is replaced, another file is not") {
  const temporary_directory directory;
  const std::string path = directory.path() + "/s";
  {
    const auto first = listen_at(path);
    REQUIRE(first.has_value());
    CHECK(holder_listening(path));
    CHECK(listen_at(path).error() == os_error(EADDRINUSE));
  }
  CHECK_FALSE(holder_listening(path));
  CHECK(listen_at(path).has_value());
  const std::string file = directory.path() + "/file";
  std::ofstream(file) << "precious";
  CHECK(listen_at(file).error() == os_error(EEXIST));
  CHECK(listen_at(std::string(200, 'x')).error() == os_error(ENAMETOOLONG));
}

TEST_CASE("a program that is no holder is an error, not a hang") {
  const temporary_directory directory;
  const std::string path = directory.path() + "/s";
  CHECK(start_holder("/no/such/holder", path).error() == os_error(ENOENT));
  CHECK_FALSE(holder_listening(path));
  const auto pid = start_holder("/bin/true", path);
  REQUIRE(pid.has_value());
  ::waitpid(*pid, nullptr, 0);
  boost::asio::io_context loop;
  CHECK(holder_client(loop).connect(path));
}

TEST_CASE("an unanswered handshake ends in time") {
  const temporary_directory directory;
  const auto deaf = listen_at(directory.path() + "/s");
  boost::asio::io_context loop;
  const auto begin = std::chrono::steady_clock::now();
  CHECK(holder_client(loop).connect(directory.path() + "/s") ==
        os_error(ETIMEDOUT));
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
}

TEST_CASE("a holder of another user is refused") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can listen as another user");
    return;
  }
  const temporary_directory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0777) == 0);
  REQUIRE(::seteuid(65534) == 0);
  const auto foreign = listen_at(directory.path() + "/s");
  REQUIRE(::seteuid(0) == 0);
  REQUIRE(foreign.has_value());
  boost::asio::io_context loop;
  CHECK(holder_client(loop).connect(directory.path() + "/s") ==
        errc::foreign_owner);
}

TEST_CASE("a session that came after its request timed out is not kept") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  ::kill(holder.pid(), SIGSTOP);
  std::optional<spawn_result> late;
  daemon.client->spawn(shell("read x"),
                       [&](spawn_result result) { late = std::move(result); });
  REQUIRE(daemon.run_until([&] { return late.has_value(); }));
  CHECK(late->error().error == os_error(ETIMEDOUT));
  ::kill(holder.pid(), SIGCONT);
  CHECK(daemon.run_until(
      [&] { return daemon.list().empty() && holder.children().empty(); }));
  CHECK(daemon.ended.empty());
}

TEST_CASE("a terminal that nobody reads does not stop a holder that logs") {
  const unique_fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(::unlockpt(master.get()) == 0);
  const unique_fd terminal(
      ::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY));
  const unique_fd before(::dup(STDERR_FILENO));
  ::dup2(terminal.get(), STDERR_FILENO);
  running_holder holder;
  ::dup2(before.get(), STDERR_FILENO);
  for (int i = 0; i < 1000; ++i) { // two lines each, more than a pty takes
    boost::asio::io_context loop;
    REQUIRE(!holder_client(loop).connect(holder.socket()));
  }
  char line[64];
  CHECK(::read(master.get(), line, sizeof line) > 0); // it did log
}

TEST_CASE("an idle holder exits, one with a session or daemon stays") {
  running_holder holder({"--idle-exit", "1"});
  {
    daemon_side daemon(holder.socket());
    auto program = daemon.spawn(shell("read x"));
    REQUIRE(program.has_value());
    CHECK_FALSE(
        daemon.run_until([&] { return holder.ended().has_value(); }, 1500ms));
    REQUIRE((*program)->write("\n").has_value());
    REQUIRE(daemon.exit_of(**program));
    REQUIRE(!daemon.forget((*program)->info().key));
    CHECK_FALSE(
        daemon.run_until([&] { return holder.ended().has_value(); }, 1500ms));
  }
  CHECK(eventually([&] { return holder.ended().has_value(); }, 4s));
  CHECK(holder.ended() == 0);
}

} // namespace outrigger::os::test
