// Ending a session: everything in it goes, in time, and nothing stays behind.
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace outrigger::os::test {

namespace {

using steady = std::chrono::steady_clock;

// Pids that a script printed as "pid N".
std::vector<pid_t> printed_pids(session& which) {
  std::vector<pid_t> pids;
  std::istringstream text(text_of(which.output()));
  for (std::string word; text >> word;)
    if (word == "pid" && text >> word)
      pids.push_back(std::stoi(word));
  return pids;
}

// Ends a session; returns how long its processes lived on.
std::chrono::milliseconds end_and_wait(daemon_side& daemon, session& which,
                                       const std::vector<pid_t>& pids) {
  const auto begin = steady::now();
  REQUIRE(!daemon.end(which.info().key));
  REQUIRE(daemon.run_until([&] { return daemon.ended.size() == 1; }));
  for (const pid_t pid : pids)
    CHECK_FALSE(process_exists(pid)); // not even as a zombie
  CHECK(which.exited());
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() -
                                                               begin);
}

bool has_marker(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/environ");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.find("OUTRIGGER_SESSION=") != std::string::npos;
}

// Where cgroup version 2 is mounted, if its root may be written to and holders
// get cgroups there; else "".
std::string cgroup_mount() {
  std::ifstream own("/proc/self/cgroup");
  const std::string path{std::istreambuf_iterator<char>(own), {}};
  for (const std::string root : {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"})
    if (::access((root + "/cgroup.procs").c_str(), W_OK) == 0 &&
        std::filesystem::exists(root + "/cgroup.controllers") &&
        path.find("0::/..") == std::string::npos)
      return root;
  return {};
}

// A cgroup of the version 1 freezer, if there is one; thawed in the end.
class frozen_cgroup {
public:
  frozen_cgroup() {
    std::error_code failed;
    if (std::filesystem::exists(root_ + "/cgroup.procs") &&
        std::filesystem::create_directory(path_, failed))
      made_ = true;
  }
  frozen_cgroup(const frozen_cgroup&) = delete;
  frozen_cgroup& operator=(const frozen_cgroup&) = delete;
  ~frozen_cgroup() {
    if (!made_)
      return;
    thaw();
    eventually([this] { return ::rmdir(path_.c_str()) == 0; });
  }
  explicit operator bool() const noexcept { return made_; }

  void freeze(pid_t pid) const {
    std::ofstream(path_ + "/cgroup.procs") << pid;
    std::ofstream(path_ + "/freezer.state") << "FROZEN";
    REQUIRE(eventually([this] {
      std::string state;
      return std::ifstream(path_ + "/freezer.state") >> state &&
             state == "FROZEN";
    }));
  }
  void thaw() const { std::ofstream(path_ + "/freezer.state") << "THAWED"; }

private:
  std::string root_ = "/sys/fs/cgroup/freezer";
  std::string path_ = root_ + "/outrigger-test-" + std::to_string(::getpid());
  bool made_ = false;
};

const std::vector<std::vector<std::string>> with_and_without_cgroups = {
    {}, {"--no-cgroups"}};

} // namespace

TEST_CASE("a session that heeds a hang-up ends at once") {
  for (const auto& options : with_and_without_cgroups) {
    running_holder holder(options);
    daemon_side daemon(holder.socket());
    auto program = daemon.spawn(shell("sleep 1000 & echo pid $!; echo pid $$; "
                                      "wait"));
    REQUIRE(
        daemon.run_until([&] { return printed_pids(**program).size() == 2; }));
    end_and_wait(daemon, **program, printed_pids(**program));
    CHECK((*program)->exited()->signaled);
    CHECK((*program)->exited()->value == SIGHUP);
    CHECK(!daemon.forget((*program)->info().key));
    CHECK(holder.children().empty());
  }
}

TEST_CASE("a program that tidies up gets one hang-up, its helpers none") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  auto program = daemon.spawn(
      shell("trap 'echo hup; sleep 1; echo slept $?' HUP; "
            "trap 'exit 9' TERM; echo up; while :; do sleep 0.02; done"));
  REQUIRE(daemon.shows(**program, "up"));
  end_and_wait(daemon, **program, {});
  CHECK((*program)->exited()->value == 9);
  const auto text = text_of((*program)->output());
  INFO(text);
  CHECK(text.find("slept 0") != std::string::npos);
  CHECK(text.find("hup\r\n") == text.rfind("hup\r\n"));
}

TEST_CASE("a program that ignores the hang-up ends by SIGTERM") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  auto program = daemon.spawn(
      shell("trap '' HUP; trap 'echo term; exit 9' TERM; echo pid $$; "
            "while :; do sleep 0.05; done"));
  REQUIRE(
      daemon.run_until([&] { return printed_pids(**program).size() == 1; }));
  const auto took = end_and_wait(daemon, **program, printed_pids(**program));
  CHECK(took >= 1900ms);
  CHECK_FALSE((*program)->exited()->signaled); // no SIGKILL, whose number is 9
  CHECK((*program)->exited()->value == 9);
}

TEST_CASE("nothing escapes: double forks in new sessions that ignore signals") {
  for (const auto& options : with_and_without_cgroups) {
    running_holder holder(options);
    daemon_side daemon(holder.socket());
    auto program = daemon.spawn(shell(
        "trap '' HUP TERM; "
        "(setsid sh -c 'echo pid $$; exec sleep 1000' &); "
        "(setsid sh -c 'echo pid $$; sleep 1000 & echo pid $!; wait' &); "
        "(setsid env -i /bin/sh -c 'echo pid $$; exec /bin/sleep 1000' &);"
        "echo pid $$; exec sleep 1000"));
    REQUIRE(
        daemon.run_until([&] { return printed_pids(**program).size() == 5; }));
    const auto pids = printed_pids(**program);
    auto expected = pids;
    if (!options.empty()) {
      // Without a cgroup one that cleared its environment, left the session
      // and lost its parents before anybody looked cannot be told.
      std::erase_if(expected, [](pid_t pid) { return !has_marker(pid); });
      CHECK(expected.size() == 4);
    }
    end_and_wait(daemon, **program, expected);
    for (const pid_t pid : pids)
      if (process_exists(pid))
        ::kill(pid, SIGKILL);
    CHECK(eventually([&] { return holder.children().empty(); }));
  }
}

TEST_CASE("a process in another cgroup than its session's is a member") {
  const auto root = cgroup_mount();
  if (root.empty()) {
    WARN("skipped: no cgroup version 2 to write to");
    return;
  }
  running_holder holder;
  daemon_side daemon(holder.socket());
  // The one above leaves; the one below is nobody's child, has a session of
  // its own and an empty environment. Both say in a file that they got SIGTERM:
  // their terminal hangs up with the leader.
  const std::string said = holder.directory() + "/said";
  auto program = daemon.spawn(
      shell("(echo 0 > " + root +
            "/cgroup.procs; trap '' HUP; trap 'echo above >> " + said +
            "; exit' TERM; echo up; while :; do sleep 0.05; done) & "
            "own=" +
            root +
            "$(sed -n 's/^0:://p' /proc/self/cgroup); mkdir $own/below; "
            "(echo 0 > $own/below/cgroup.procs; exec setsid env -i /bin/sh -c '"
            "(trap \"echo below >> " +
            said +
            "; exit\" TERM; echo up; "
            "while :; do /bin/sleep 0.05; done) &'); trap '' HUP; wait"));
  REQUIRE(daemon.run_until([&] {
    const auto text = text_of((*program)->output());
    return text.find("up") != text.rfind("up");
  }));
  end_and_wait(daemon, **program, {});
  std::ifstream file(said);
  const std::set<std::string> words{std::istream_iterator<std::string>(file),
                                    {}};
  CHECK(words == std::set<std::string>{"above", "below"});
  CHECK(holder.children().empty());
}

TEST_CASE("a stopped session ends too") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  auto program = daemon.spawn(shell("echo pid $$; kill -STOP $$; sleep 1000"));
  REQUIRE(
      daemon.run_until([&] { return printed_pids(**program).size() == 1; }));
  end_and_wait(daemon, **program, printed_pids(**program));
  CHECK((*program)->exited()->signaled);
  CHECK((*program)->exited()->value == SIGHUP); // and no later signal
}

TEST_CASE("ending an exited, an unknown and a live session twice") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  CHECK(daemon.end(12345).value() == ENOENT);
  CHECK(daemon.forget(12345).value() == ENOENT);
  CHECK(daemon.signal(12345, 1).value() == ENOENT);
  auto program = daemon.spawn(shell("exit 0"));
  REQUIRE(daemon.exit_of(**program));
  CHECK(!daemon.end((*program)->info().key));
  CHECK(!daemon.end((*program)->info().key));
  REQUIRE(daemon.run_until([&] { return !daemon.ended.empty(); }));
  // The second may have begun a ladder of its own: EBUSY until that is done.
  CHECK(
      daemon.run_until([&] { return !daemon.forget((*program)->info().key); }));
}

TEST_CASE("a ladder goes on after its daemon died") {
  running_holder holder;
  std::uint64_t key = 0;
  std::vector<pid_t> pids;
  {
    daemon_side first(holder.socket());
    auto program =
        first.spawn(shell("trap '' HUP TERM; echo pid $$; exec sleep 1000"));
    REQUIRE(
        first.run_until([&] { return printed_pids(**program).size() == 1; }));
    pids = printed_pids(**program);
    key = (*program)->info().key;
    REQUIRE(!first.end(key));
  }
  CHECK(eventually([&] { return !process_exists(pids.front()); }));
  // Whether a daemon was there to forget it or not.
  CHECK(
      eventually([&] { return daemon_side(holder.socket()).list().empty(); }));
}

TEST_CASE("what had ended when its daemon died is forgotten") {
  running_holder holder;
  {
    daemon_side first(holder.socket());
    auto program = first.spawn(shell("echo pid $$; exec sleep 1000"));
    REQUIRE(
        first.run_until([&] { return printed_pids(**program).size() == 1; }));
    end_and_wait(first, **program, printed_pids(**program));
    CHECK(first.list().size() == 1);
  }
  daemon_side second(holder.socket());
  CHECK(second.list().empty());
}

// A frozen process of cgroup version 1 is the one thing that a test can make
// which SIGKILL does not end, and that it can undo.
TEST_CASE("a process that cannot be killed does not keep its session busy") {
  const frozen_cgroup freezer;
  if (!freezer) {
    WARN("skipped: no freezer of cgroup version 1 to write to");
    return;
  }
  running_holder holder;
  daemon_side daemon(holder.socket());
  auto program = daemon.spawn(shell("echo up; exec sleep 1000"));
  REQUIRE(daemon.shows(**program, "up"));
  freezer.freeze((*program)->info().pid);
  const auto begin = steady::now();
  REQUIRE(!daemon.end((*program)->info().key));
  REQUIRE_FALSE(daemon.run_until([&] { return !daemon.ended.empty(); }, 7s));
  const auto before = holder.cpu_ticks();
  REQUIRE(daemon.run_until([&] { return !daemon.ended.empty(); }, 12s));
  CHECK(holder.cpu_ticks() - before <= 5); // it does not look all the time
  CHECK(steady::now() - begin < 18s);
  freezer.thaw();
  CHECK(daemon.exit_of(**program)->signaled);
  CHECK(!daemon.forget((*program)->info().key));
}

TEST_CASE("no session begins while all are being ended") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  auto program = daemon.spawn(shell("trap '' HUP; trap 'exit 0' TERM; echo up; "
                                    "while :; do sleep 0.05; done"));
  REQUIRE(daemon.shows(**program, "up"));
  ::kill(holder.pid(), SIGTERM);
  REQUIRE(daemon.run_until([&] { return daemon.list().at(0)->info().ending; }));
  const auto late = daemon.spawn(shell("exec sleep 1000"));
  REQUIRE(late.has_error());
  CHECK(late.error().error == os_error(EAGAIN));
  CHECK(late.error().step == "request");
  REQUIRE(eventually([&] { return holder.ended().has_value(); }));
  CHECK(holder.ended() == 0);
}

TEST_CASE("SIGTERM to the holder ends every session, then it exits") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  std::vector<pid_t> pids;
  for (int i = 0; i < 3; ++i) {
    auto program = daemon.spawn(
        shell("trap '' HUP; (setsid sh -c 'echo pid $$; sleep 1000' &); echo "
              "pid $$; exec sleep 1000"));
    REQUIRE(
        daemon.run_until([&] { return printed_pids(**program).size() == 2; }));
    for (const pid_t pid : printed_pids(**program))
      pids.push_back(pid);
  }
  ::kill(holder.pid(), SIGTERM);
  REQUIRE(eventually([&] { return holder.ended().has_value(); }));
  CHECK(holder.ended() == 0);
  for (const pid_t pid : pids)
    CHECK_FALSE(process_exists(pid));
}

} // namespace outrigger::os::test
