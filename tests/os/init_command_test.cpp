// The holder as an init: it keeps a command running.
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

namespace outrigger::os::test {

namespace {

std::size_t lines_of(const std::string& path) {
  std::ifstream file(path);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);)
    ++lines;
  return lines;
}

} // namespace

TEST_CASE("an init restarts its command until it exits for good") {
  running_holder holder(
      {"--", "sh", "-c",
       "echo run >> $OUTRIGGER_RUNTIME_DIR/runs; "
       "case $(wc -l < $OUTRIGGER_RUNTIME_DIR/runs) in 1) kill -KILL $$;; "
       "2) exit 1;; *) exit 78;; esac"});
  REQUIRE(eventually([&] { return holder.ended().has_value(); }));
  CHECK(WEXITSTATUS(*holder.ended()) == 78);
  CHECK(lines_of(holder.directory() + "/runs") == 3);
}

TEST_CASE("an init passes SIGTERM on and exits with its command's code") {
  running_holder holder({"--", "sh", "-c",
                         "trap 'exit 5' TERM; echo >"
                         " $OUTRIGGER_RUNTIME_DIR/up; "
                         "while :; do sleep 0.02; done"});
  REQUIRE(
      eventually([&] { return lines_of(holder.directory() + "/up") == 1; }));
  ::kill(holder.pid(), SIGTERM);
  REQUIRE(eventually([&] { return holder.ended().has_value(); }));
  CHECK(WEXITSTATUS(*holder.ended()) == 5);
}

TEST_CASE("an init serves sessions, reaps orphans, and ends them all") {
  running_holder holder({"--", "sh", "-c",
                         "while [ ! -e $OUTRIGGER_RUNTIME_DIR/stop ]; do "
                         "sleep 0.02; done"});
  daemon_side daemon(holder.socket());
  auto program = daemon.spawn(
      shell("(setsid sleep 0.1 &); trap '' HUP; echo up; exec sleep 1000"));
  REQUIRE(daemon.shows(**program, "up"));
  std::ofstream(holder.directory() + "/stop") << "1";
  REQUIRE(eventually([&] { return holder.ended().has_value(); }));
  CHECK(WEXITSTATUS(*holder.ended()) == 0);
  CHECK_FALSE(process_exists((*program)->info().pid));
}

TEST_CASE("an init makes the directory of its socket, for itself alone") {
  running_holder holder(
      {"--", "sh", "-c", "echo > $OUTRIGGER_RUNTIME_DIR/up; exec sleep 1000"},
      {}, "run/local/holder.sock");
  const std::string made = holder.directory() + "/run/local";
  REQUIRE(eventually([&] { return lines_of(made + "/up") == 1; }));
  CHECK(!daemon_side(holder.socket()).ping());
  struct stat status {};
  REQUIRE(::stat(made.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0700);
}

TEST_CASE("an init whose command cannot start says so") {
  running_holder holder({"--", "/no/such/command"});
  REQUIRE(eventually([&] { return holder.ended().has_value(); }));
  CHECK(WEXITSTATUS(*holder.ended()) == 127);
}

} // namespace outrigger::os::test
