// Back-pressure from the ring to a running program.
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>

namespace outrigger::os::test {

namespace {

struct credit_fixture {
  running_holder holder;
  daemon_side daemon{holder.socket()};

  // Lets real time pass on the loop, to see that something does not happen.
  void watch_for(std::chrono::milliseconds time) {
    daemon.run_until([] { return false; }, time);
  }
};

} // namespace

TEST_CASE_METHOD(credit_fixture,
                 "credit stops a flood exactly, more resumes it") {
  auto program = daemon.spawn(shell("read x; exec yes"));
  session& flood = **program;
  flood.set_credit(10'000);
  REQUIRE(flood.write("\n").has_value());
  REQUIRE(daemon.run_until([&] { return flood.output().head() == 10'000; }));
  const long before = holder.cpu_ticks();
  watch_for(300ms);
  CHECK(flood.output().head() == 10'000);
  CHECK(holder.cpu_ticks() - before <= 2); // it waits, it does not spin
  flood.set_credit(50'001);
  REQUIRE(daemon.run_until([&] { return flood.output().head() == 50'001; }));
  flood.set_credit(free_running);
  REQUIRE(daemon.run_until([&] { return flood.output().head() > 1'000'000; }));
}

TEST_CASE_METHOD(credit_fixture, "a paced reader gets every byte of a flood") {
  auto program = daemon.spawn(shell("read x; seq 1 200000"));
  session& flood = **program;
  flood.set_credit(flood.output().capacity());
  std::string seen;
  bool gap = false;
  bool exited = false;
  flood.on_ready([&] {
    std::string chunk(65536, '\0');
    do {
      exited = flood.exited().has_value();
      for (;;) {
        const auto slice = flood.output().read(seen.size(), chunk);
        gap = gap || slice.offset != seen.size();
        if (slice.size == 0)
          break;
        seen.append(chunk, 0, slice.size);
        flood.set_credit(seen.size() + flood.output().capacity());
      }
    } while (flood.output().arm(seen.size(), exited));
  });
  REQUIRE(flood.write("\n").has_value());
  REQUIRE(daemon.run_until([&] { return exited; }, 30s));
  CHECK_FALSE(gap);
  std::string expected = "\r\n";
  for (int i = 1; i <= 200'000; ++i)
    expected += std::to_string(i) + "\r\n";
  CHECK((seen == expected));
}

TEST_CASE_METHOD(credit_fixture,
                 "of a paced program nothing is lost before there is credit") {
  for (const auto kind : {session_kind::pty, session_kind::pipes}) {
    auto request = shell("seq 1 100000", kind);
    request.ring_capacity = min_ring_capacity;
    request.paced = true;
    auto program = daemon.spawn(request);
    session& flood = **program;
    const auto capacity = flood.output().capacity();
    REQUIRE(
        daemon.run_until([&] { return flood.output().head() == capacity; }));
    watch_for(100ms);
    CHECK(flood.output().head() == capacity);
    CHECK(flood.output().tail() == 0);
    flood.set_credit(capacity + 1000);
    CHECK(daemon.run_until(
        [&] { return flood.output().head() == capacity + 1000; }));
  }
}

TEST_CASE_METHOD(credit_fixture, "an exit waits until the last output fitted") {
  for (const auto kind : {session_kind::pty, session_kind::pipes}) {
    auto program = daemon.spawn(shell("read x; echo 0123456789; exit 5", kind));
    session& stalled = **program;
    stalled.set_credit(4);
    REQUIRE(stalled.write("\n").has_value());
    REQUIRE(daemon.run_until([&] { return stalled.output().head() == 4; }));
    const long before = holder.cpu_ticks();
    REQUIRE(daemon.run_until([&] { // the leader is gone and reaped
      return !process_exists(stalled.info().pid);
    }));
    watch_for(200ms);
    CHECK_FALSE(stalled.exited());
    CHECK(holder.cpu_ticks() - before <= 2);
    stalled.set_credit(6);
    REQUIRE(daemon.run_until([&] { return stalled.output().head() == 6; }));
    CHECK_FALSE(stalled.exited());
    stalled.set_credit(free_running);
    const auto status = daemon.exit_of(stalled);
    REQUIRE(status);
    CHECK(status->value == 5);
    CHECK(text_of(stalled.output()) ==
          (kind == session_kind::pty ? "\r\n0123456789\r\n" : "0123456789\n"));
  }
}

TEST_CASE_METHOD(credit_fixture, "a session to be ended waits for no viewer") {
  for (const auto kind : {session_kind::pty, session_kind::pipes}) {
    auto program =
        daemon.spawn(shell("trap 'seq 1 50000; exit 3' HUP; echo up; "
                           "while :; do sleep 0.02; done",
                           kind));
    session& stalled = **program;
    REQUIRE(daemon.shows(stalled, "up"));
    const auto credit = stalled.output().head();
    stalled.set_credit(credit);
    REQUIRE(!daemon.end(stalled.info().key));
    CHECK(daemon.run_until(
        [&] {
          stalled.set_credit(credit); // as a viewer that lags behind does
          return !daemon.ended.empty();
        },
        1500ms));
    CHECK(daemon.exited == std::vector{stalled.info().key});
    REQUIRE(stalled.exited());
    CHECK(stalled.exited()->value == 3);
    CHECK(!daemon.forget(stalled.info().key));
    daemon.exited.clear();
    daemon.ended.clear();
  }
}

TEST_CASE_METHOD(credit_fixture, "an exit that waits for credit is published "
                                 "when the session is ended") {
  auto program = daemon.spawn(shell("read x; echo 0123456789; exit 5"));
  session& stalled = **program;
  stalled.set_credit(4);
  REQUIRE(stalled.write("\n").has_value());
  REQUIRE(daemon.run_until([&] { return stalled.output().head() == 4; }));
  REQUIRE(!daemon.end(stalled.info().key));
  REQUIRE(daemon.run_until([&] { return !daemon.ended.empty(); }));
  REQUIRE(stalled.exited());
  CHECK(text_of(stalled.output()) == "\r\n0123456789\r\n");
  CHECK(!daemon.forget(stalled.info().key));
}

TEST_CASE_METHOD(credit_fixture, "an exit with nothing left does not wait") {
  auto program = daemon.spawn(shell("read x; exit 6"));
  session& done = **program;
  done.set_credit(2);
  REQUIRE(done.write("\n").has_value()); // echoed as two bytes: used up
  const auto status = daemon.exit_of(done);
  REQUIRE(status);
  CHECK(status->value == 6);
}

TEST_CASE_METHOD(credit_fixture, "an exited session costs no more time") {
  for (const auto kind : {session_kind::pty, session_kind::pipes}) {
    auto program = daemon.spawn(shell("echo bye", kind));
    REQUIRE(daemon.exit_of(**program));
    const long before = holder.cpu_ticks();
    watch_for(300ms); // its terminal has hung up, and stays so
    CHECK(holder.cpu_ticks() - before <= 2);
  }
}

TEST_CASE_METHOD(credit_fixture, "survivors print on without blocking or "
                                 "counting") {
  auto program = daemon.spawn(
      shell("(trap '' HUP PIPE; seq 1 300000; echo finished >&3) 3>/tmp/"
            "outrigger-survivor-$$ & echo $$; exit 4",
            session_kind::pipes));
  session& left = **program;
  const auto status = daemon.exit_of(left);
  REQUIRE(status);
  CHECK(status->value == 4);
  CHECK(status->end_offset == left.output().head());
  const std::string file =
      "/tmp/outrigger-survivor-" + std::to_string(left.info().pid);
  CHECK(eventually([&] {
    std::string word;
    return static_cast<bool>(std::ifstream(file) >> word);
  }));
  CHECK(status->end_offset == left.output().head());
  std::remove(file.c_str());
}

} // namespace outrigger::os::test
