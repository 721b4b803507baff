// Sessions of a real holder: start, input, output, exit.
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/stat.h>

#include <cstdlib>

namespace outrigger::os::test {

namespace {

struct session_fixture {
  running_holder holder;
  daemon_side daemon{holder.socket()};
};

} // namespace

TEST_CASE_METHOD(session_fixture, "a program on a pty echoes and exits") {
  auto program = daemon.spawn(shell("read line; echo got:$line; exit 7"));
  REQUIRE(program.has_value());
  session& shown = **program;
  CHECK(shown.info().key != 0);
  CHECK(shown.info().pid > 0);
  CHECK(shown.write("hello\n").value() == 6);
  const auto status = daemon.exit_of(shown);
  REQUIRE(status);
  CHECK_FALSE(status->signaled);
  CHECK(status->value == 7);
  CHECK(status->unix_ms > 0);
  CHECK(text_of(shown.output()) == "hello\r\ngot:hello\r\n");
  CHECK(status->end_offset == shown.output().head());
  CHECK(daemon.run_until([&] { return daemon.exited.size() == 1; }));
  CHECK(daemon.forget(shown.info().key) == std::error_code());
  CHECK(daemon.list().empty());
}

TEST_CASE_METHOD(session_fixture, "an end by signal is told as one") {
  auto program = daemon.spawn(shell("echo up; exec sleep 1000"));
  REQUIRE(daemon.shows(**program, "up"));
  CHECK(daemon.forget((*program)->info().key).value() == EBUSY);
  CHECK(daemon.signal((*program)->info().key, 65).value() == EINVAL);
  CHECK(!daemon.signal((*program)->info().key, SIGKILL));
  const auto status = daemon.exit_of(**program);
  REQUIRE(status);
  CHECK(status->signaled);
  CHECK(status->value == SIGKILL);
  CHECK(daemon.signal((*program)->info().key, SIGKILL).value() == ESRCH);
}

TEST_CASE_METHOD(session_fixture, "the last output of a program is complete") {
  auto request = shell("seq 1 20000");
  request.ring_capacity = 1 << 20;
  auto program = daemon.spawn(request);
  REQUIRE(daemon.exit_of(**program));
  const auto text = text_of((*program)->output());
  CHECK(text.starts_with("1\r\n2\r\n"));
  CHECK(text.ends_with("\r\n20000\r\n"));
  CHECK(text.size() == (*program)->exited()->end_offset);
}

TEST_CASE_METHOD(session_fixture,
                 "the environment is the request's and a key") {
  auto request = shell("env | sort | grep -v -e ^_= -e ^PWD= -e ^OLDPWD= "
                       "-e ^SHLVL=; pwd");
  request.env = {"PATH=/usr/bin:/bin", "OUTRIGGER_SESSION=old", "A=b c"};
  auto program = daemon.spawn(request);
  REQUIRE(daemon.exit_of(**program));
  char key[17];
  std::snprintf(key, sizeof key, "%016llx",
                static_cast<unsigned long long>((*program)->info().key));
  CHECK(text_of((*program)->output()) ==
        "A=b c\r\nOUTRIGGER_SESSION=" + std::string(key) +
            "\r\nPATH=/usr/bin:/bin\r\n/tmp\r\n");
}

TEST_CASE_METHOD(session_fixture, "a large environment arrives whole") {
  auto request = shell("printf %s \"$BIG\" | wc -c");
  request.env.push_back("BIG=" + std::string(120'000, 'x'));
  for (int i = 0; i < 5; ++i)
    request.env.push_back(std::string("V") + std::to_string(i) + "=" +
                          std::string(100'000, 'y'));
  auto program = daemon.spawn(request);
  REQUIRE(program.has_value());
  REQUIRE(daemon.exit_of(**program));
  CHECK(text_of((*program)->output()) == "120000\r\n");
}

TEST_CASE_METHOD(session_fixture, "what cannot start says which step and why") {
  auto request = shell("true");
  request.argv = {"no-such-program"};
  auto failed = daemon.spawn(request);
  REQUIRE(failed.has_error());
  CHECK(failed.error().step == "exec");
  CHECK(failed.error().error == os_error(ENOENT));

  request.argv = {"/etc/passwd"};
  failed = daemon.spawn(request);
  REQUIRE(failed.has_error());
  CHECK(failed.error().step == "exec");
  CHECK(failed.error().error == os_error(EACCES));

  request.argv = {"sh"};
  request.cwd = "/no/such/directory";
  failed = daemon.spawn(request);
  REQUIRE(failed.has_error());
  CHECK(failed.error().step == "chdir");
  CHECK(failed.error().error == os_error(ENOENT));

  request.argv = {};
  failed = daemon.spawn(request);
  REQUIRE(failed.has_error());
  CHECK(failed.error().step == "request");

  request = shell("true");
  request.ring_capacity = 1;
  failed = daemon.spawn(request);
  REQUIRE(failed.has_error());
  CHECK(failed.error().error == os_error(EINVAL));
  CHECK(daemon.list().empty());
}

TEST_CASE_METHOD(session_fixture, "a login shell has a dash before its name") {
  auto request = shell("echo $0");
  request.argv = {"/bin/sh", "-c", "echo $0"};
  request.login = true;
  auto program = daemon.spawn(request);
  REQUIRE(daemon.exit_of(**program));
  CHECK(text_of((*program)->output()) == "-sh\r\n");
}

TEST_CASE_METHOD(session_fixture,
                 "a window size is there at once and changes") {
  auto request = shell("trap 'stty size' WINCH; stty size; read x; read x");
  request.cols = 132;
  request.rows = 43;
  auto program = daemon.spawn(request);
  session& shown = **program;
  REQUIRE(daemon.shows(shown, "43 132"));
  CHECK(!shown.resize(100, 30));
  CHECK(shown.info().cols == 100);
  REQUIRE(shown.write("\n").has_value());
  CHECK(daemon.shows(shown, "30 100"));
}

TEST_CASE("keys that signal work under a holder that ignores signals") {
  running_holder holder({}, {SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGTERM, SIGCHLD,
                             SIGRTMIN, SIGPIPE});
  daemon_side daemon(holder.socket());
  for (const auto& [key, signo] :
       {std::pair{"\x03", SIGINT}, std::pair{"\x1c", SIGQUIT}}) {
    auto program =
        daemon.spawn(shell("ulimit -c 0; echo ready; exec sleep 1000"));
    REQUIRE(daemon.shows(**program, "ready"));
    REQUIRE((*program)->write(key).has_value());
    const auto status = daemon.exit_of(**program);
    REQUIRE(status);
    CHECK(status->signaled);
    CHECK(status->value == signo);
  }
  auto request = shell("");
  request.argv = {"bash", "--norc", "--noprofile", "-i"};
  auto program = daemon.spawn(request);
  session& bash = **program;
  REQUIRE(daemon.shows(bash, "$ "));
  // Printed by the job itself, which is in the foreground by then.
  REQUIRE(
      bash.write("sh -c 'echo run\"\"ning; exec sleep 1000'\n").has_value());
  REQUIRE(daemon.shows(bash, "running"));
  REQUIRE(bash.write("\x1a").has_value());
  CHECK(daemon.shows(bash, "Stopped"));
}

TEST_CASE_METHOD(session_fixture, "children have a clean signal state") {
  auto program = daemon.spawn(shell("grep Sig[BI] /proc/self/status"));
  REQUIRE(daemon.exit_of(**program));
  CHECK(text_of((*program)->output()) ==
        "SigBlk:\t0000000000000000\r\nSigIgn:\t0000000000000000\r\n");
}

TEST_CASE_METHOD(session_fixture, "children have no stray descriptors") {
  auto other = daemon.spawn(shell("read x"));
  REQUIRE(other.has_value());
  auto request = shell("");
  request.argv = {"ls", "/proc/self/fd"};
  auto program = daemon.spawn(request);
  REQUIRE(daemon.exit_of(**program));
  const auto text = text_of((*program)->output());
  CHECK(std::count(text.begin(), text.end(), '\n') <= 4); // 0 1 2 and ls's own
  CHECK(text.find('4') == std::string::npos);
}

TEST_CASE_METHOD(session_fixture, "pipes keep stdin, stdout and stderr apart") {
  auto program = daemon.spawn(
      shell("cat; echo done; echo oops >&2; exit 3", session_kind::pipes));
  REQUIRE(program.has_value());
  session& piped = **program;
  REQUIRE(piped.errors() != nullptr);
  CHECK(piped.resize(80, 24).value() == EINVAL);
  CHECK(piped.write("in").has_value());
  REQUIRE(daemon.shows(piped, "in"));
  piped.close_input();
  CHECK(piped.write("more").error() == os_error(EPIPE));
  const auto status = daemon.exit_of(piped);
  REQUIRE(status);
  CHECK(status->value == 3);
  CHECK(text_of(piped.output()) == "in"
                                   "done\n");
  CHECK(text_of(*piped.errors()) == "oops\n");
  CHECK(piped.errors()->exited()->end_offset == 5);
}

TEST_CASE_METHOD(session_fixture,
                 "writing to a closed stdin is an error only") {
  auto program =
      daemon.spawn(shell("exec <&-; echo up; read x", session_kind::pipes));
  program = daemon.spawn(
      shell("exec 0</dev/null; echo up; exec sleep 1000", session_kind::pipes));
  REQUIRE(daemon.shows(**program, "up"));
  const auto written = (*program)->write("x");
  REQUIRE(written.has_error()); // and no SIGPIPE
  CHECK(written.error() == os_error(EPIPE));
}

TEST_CASE_METHOD(session_fixture,
                 "a program that does not read takes no input, and waiting "
                 "for it may be given up") {
  auto program = daemon.spawn(shell("exec sleep 1000", session_kind::pipes));
  session& slow = **program;
  const std::string block(4096, 'x');
  std::size_t sent = 0;
  for (;;) {
    const auto taken = slow.write(block);
    REQUIRE(taken.has_value());
    if (*taken == 0)
      break;
    sent += *taken;
  }
  CHECK(sent >= 4096);
  bool writable = false;
  slow.wait_writable([&] { writable = true; });
  daemon.ping();
  CHECK_FALSE(writable);
  slow.wait_writable([] { FAIL("was cancelled"); });
  program->reset(); // destroyed while it waits
  daemon.ping();
}

TEST_CASE_METHOD(session_fixture,
                 "wait_writable calls back when there is room") {
  auto program = daemon.spawn(shell("cat >/dev/null", session_kind::pipes));
  session& reading = **program;
  bool writable = false;
  reading.wait_writable([&] { writable = true; });
  CHECK(daemon.run_until([&] { return writable; }));
  auto terminal = daemon.spawn(shell("read x"));
  writable = false;
  (*terminal)->wait_writable([&] { writable = true; });
  CHECK(daemon.run_until([&] { return writable; }));
}

TEST_CASE_METHOD(session_fixture, "on_ready tells of output and exit") {
  auto program = daemon.spawn(shell("echo one; read x; echo two"));
  session& shown = **program;
  std::string seen;
  bool exited = false;
  std::uint64_t cursor = 0;
  shown.on_ready([&] {
    do {
      seen += text_of(shown.output(), cursor);
      cursor = seen.size();
      exited = shown.exited().has_value();
    } while (shown.output().arm(cursor, exited));
  });
  REQUIRE(daemon.run_until([&] { return seen == "one\r\n"; }));
  REQUIRE(shown.write("\n").has_value());
  REQUIRE(daemon.run_until([&] { return exited; }));
  CHECK(seen == "one\r\n\r\ntwo\r\n");
}

TEST_CASE_METHOD(session_fixture, "a session may go away in its own callback") {
  auto program = daemon.spawn(shell("echo one; read x"));
  auto owned = std::move(*program);
  int calls = 0;
  owned->on_ready([&] {
    ++calls;
    owned.reset();
  });
  CHECK(daemon.run_until([&] { return calls > 0; }));
  daemon.ping();
  CHECK(calls == 1);
}

TEST_CASE_METHOD(session_fixture,
                 "a leader that closed its terminal may use it "
                 "again") {
  auto program = daemon.spawn(
      shell("exec </dev/null >/dev/null 2>&1; sleep 0.2; echo back >/dev/tty; "
            "sleep 0.1; echo again >/dev/tty; read x </dev/tty"));
  CHECK(daemon.shows(**program, "again"));
  CHECK(text_of((*program)->output()) == "back\r\nagain\r\n");
}

} // namespace outrigger::os::test
