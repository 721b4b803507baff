// SIGHUP for the daemon that holds a lock, and for nobody else.
#include "actors/os/error.hpp"
#include "actors/os/reload_signal.hpp"
#include "actors/os/runtime_dir.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace outrigger::os::test {

namespace {

constexpr int told = 42;

void on_hangup(int) {
  ::_exit(told);
}

/// A process that holds a lock, and leaves with the code `told` on SIGHUP if
/// it listens.
class fake_daemon {
public:
  fake_daemon(const std::string& lock, bool listens) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    pid_ = ::fork();
    if (pid_ == 0)
      run(lock, listens, ready[1]);
    ::close(ready[1]);
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
  }
  fake_daemon(const fake_daemon&) = delete;
  fake_daemon& operator=(const fake_daemon&) = delete;
  ~fake_daemon() {
    if (pid_ > 0)
      end();
  }

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Whether it left by itself before it is killed.
  bool left_when_told() {
    int status = 0;
    const bool gone =
        eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
    if (gone)
      pid_ = 0;
    return gone && WIFEXITED(status) && WEXITSTATUS(status) == told;
  }

  [[nodiscard]] bool alive() const {
    return ::waitpid(pid_, nullptr, WNOHANG) == 0;
  }

private:
  [[noreturn]] static void run(const std::string& lock, bool listens,
                               int ready) {
    ::signal(SIGHUP, listens ? on_hangup : SIG_DFL);
    const auto mine = lock_file::try_lock(lock);
    if (!mine || ::write(ready, "r", 1) != 1)
      ::_exit(1);
    for (;;)
      ::pause();
  }

  void end() const {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid_ = 0;
};

} // namespace

TEST_CASE("without a daemon nobody is told, and its lock stays free") {
  const temporary_directory root;
  const auto lock = root.path() + "/lock";
  CHECK_FALSE(signal_reload(lock, 0ms).running);
  { REQUIRE(lock_file::try_lock(lock).has_value()); }
  const auto outcome = signal_reload(lock, 0ms);
  CHECK_FALSE(outcome.running);
  CHECK_FALSE(outcome.error);
  CHECK(lock_file::try_lock(lock).has_value());
}

TEST_CASE("the daemon that holds the lock gets SIGHUP") {
  const temporary_directory root;
  const auto lock = root.path() + "/lock";
  fake_daemon daemon(lock, true);
  const auto outcome = signal_reload(lock, 0ms);
  CHECK(outcome.running);
  CHECK(outcome.pid == daemon.pid());
  CHECK_FALSE(outcome.error);
  CHECK(daemon.left_when_told());
}

TEST_CASE("a daemon that SIGHUP would end is left alone") {
  const temporary_directory root;
  const auto lock = root.path() + "/lock";
  const fake_daemon daemon(lock, false);
  const auto outcome = signal_reload(lock, 20ms);
  CHECK(outcome.running);
  CHECK(outcome.pid == daemon.pid());
  CHECK(outcome.error == errc::deaf);
  CHECK(daemon.alive());
}

TEST_CASE("a pid that is another process's is not signalled") {
  const temporary_directory root;
  const auto lock = root.path() + "/lock";
  const fake_daemon daemon(lock, true);
  const fake_daemon bystander(root.path() + "/other", true);
  // Only what this test started, or what is nobody: were the check broken, it
  // must not reach anything else.
  const auto other = std::to_string(bystander.pid());
  for (const auto& text :
       {other, std::string{"999999999"}, std::string{"x"}, std::string{}}) {
    std::ofstream(lock, std::ios::trunc) << text << "\n";
    const auto outcome = signal_reload(lock, 0ms);
    CHECK(outcome.running);
    CHECK(outcome.error == os_error(ESRCH));
  }
  CHECK(bystander.alive());
  CHECK(daemon.alive());
}

TEST_CASE("a lock is waited for, but not for ever") {
  const temporary_directory root;
  const auto path = root.path() + "/lock";
  const fake_daemon owner(path, true);
  const auto refused = lock_file::lock_within(path, 20ms);
  REQUIRE(refused.has_error());
  CHECK(refused.error().error == errc::locked);
  CHECK(refused.error().owner == owner.pid());
  std::thread end([&owner] { ::kill(owner.pid(), SIGHUP); });
  CHECK(lock_file::lock_within(path, 10s).has_value());
  end.join();
}

} // namespace outrigger::os::test
