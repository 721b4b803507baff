// Descriptors, processes and cgroups over many sessions.
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>

#include <filesystem>
#include <string>

namespace outrigger::os::test {

namespace {

std::size_t own_fds() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::size_t cgroups_named(const std::string& prefix) {
  std::size_t count = 0;
  std::error_code ignored;
  for (const char* root : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"})
    for (const auto& entry : std::filesystem::directory_iterator(root, ignored))
      if (entry.path().filename().string().starts_with(prefix))
        ++count;
  return count;
}

std::size_t session_cgroups(const running_holder& holder) {
  return cgroups_named("outrigger-" + std::to_string(holder.pid()) + "-");
}

} // namespace

TEST_CASE("failed spawns leave nothing behind") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  const auto theirs = holder.open_fds();
  const auto ours = own_fds();
  for (int i = 0; i < 200; ++i) {
    auto request =
        shell("true", i % 2 == 0 ? session_kind::pty : session_kind::pipes);
    if (i % 3 == 0)
      request.cwd = "/no/such/directory";
    else
      request.argv = {"/no/such/program"};
    CHECK(daemon.spawn(request).has_error());
  }
  CHECK(eventually([&] { return holder.open_fds() <= theirs; }));
  CHECK(own_fds() == ours);
  CHECK(eventually([&] { return holder.children().empty(); }));
  CHECK(!daemon.ping());
  CHECK(eventually([&] { return session_cgroups(holder) == 0; }));
}

TEST_CASE("sessions made and forgotten leave nothing behind") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  const auto theirs = holder.open_fds();
  // The loop's own descriptors come with its first use.
  const auto ours = own_fds();
  for (int i = 0; i < 200; ++i) {
    auto program = daemon.spawn(
        shell("exit 1", i % 2 == 0 ? session_kind::pty : session_kind::pipes));
    REQUIRE(program.has_value());
    (*program)->on_ready([] {});
    REQUIRE(daemon.exit_of(**program));
    CHECK(!daemon.forget((*program)->info().key));
  }
  CHECK(eventually([&] { return holder.open_fds() <= theirs; }));
  CHECK(own_fds() == ours);
  CHECK(holder.children().empty());
  CHECK(eventually([&] { return session_cgroups(holder) == 0; }));
}

TEST_CASE("a holder clears away the cgroups of one that was killed") {
  pid_t killed = 0;
  pid_t program_pid = 0;
  {
    running_holder holder;
    daemon_side daemon(holder.socket());
    auto program = daemon.spawn(shell("read x"));
    REQUIRE(program.has_value());
    program_pid = (*program)->info().pid;
    killed = holder.pid();
    ::kill(killed, SIGKILL);
    REQUIRE(eventually([&] { return holder.ended().has_value(); }));
  }
  ::kill(program_pid, SIGKILL);
  const auto left = [&] {
    return cgroups_named("outrigger-" + std::to_string(killed) + "-");
  };
  CHECK(eventually([&] {
    const running_holder next;
    return left() == 0;
  }));
}

TEST_CASE("a daemon that comes and goes leaves nothing behind") {
  running_holder holder;
  const auto before = holder.open_fds();
  for (int i = 0; i < 100; ++i)
    CHECK(!daemon_side(holder.socket()).ping());
  CHECK(eventually([&] { return holder.open_fds() <= before; }));
}

} // namespace outrigger::os::test
