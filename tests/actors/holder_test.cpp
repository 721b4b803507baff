// The holder actor, as far as it goes without a holder process: what it does
// when there is none. The rest is in the tests that start the real binary.

#include <memory>
#include <string>

#include <unistd.h>

#include "actors/holder.hpp"
#include "actors/os/holder_process.hpp"
#include "tests/support/actor_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

struct heard_sessions {
  std::vector<std::uint64_t> ended;
  std::vector<std::string> lost;
};

session_listener::behavior_type
recording_listener(session_listener::pointer /*self*/,
                   std::shared_ptr<heard_sessions> heard) {
  return {
      [heard](session_ended e) { heard->ended.push_back(e.key); },
      [heard](const holder_lost& e) { heard->lost.push_back(e.reason); },
  };
}

class holder_fixture : public actor_fixture {
public:
  holder_fixture() {
    auto client = std::make_shared<std::unique_ptr<os::holder_client>>(
        std::make_unique<os::holder_client>(loop));
    const std::string program = "/nonexistent/outrigger-holder";
    const std::string path = "/nonexistent/holder.sock";
    const holder_deps deps{
        loop,
        workers,
        program,
        path,
        [program, path] { return os::start_holder(program, path); },
        &board};
    holder = keep(system.spawn(outrigger::holder, deps, client));
    listener = keep(system.spawn(recording_listener, heard));
    send(holder, subscribe_sessions{listener});
    run();
  }
  ~holder_fixture() {
    end(holder);
    workers.stop();
  }

  /// What the attempt to start another comes to is not heard yet.
  void lose() {
    send(holder, client_lost{"connection reset"});
    run_mailboxes();
  }

  static os::spawn_request program() {
    os::spawn_request request;
    request.argv = {"true"};
    return request;
  }

  /// Lets the worker threads work; false when that takes too long.
  template <class Condition>
  bool wait_for(Condition finished) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    for (run(); !finished(); run()) {
      if (std::chrono::steady_clock::now() > end)
        return false;
      loop.restart();
      loop.run_one_for(20ms);
    }
    return true;
  }

  std::shared_ptr<heard_sessions> heard = std::make_shared<heard_sessions>();
  health_board board;
  os::worker_pool workers{loop};
  holder_actor holder;
  session_listener listener;
};

} // namespace

TEST_CASE_METHOD(holder_fixture, "the end of a session is passed on") {
  send(holder, session_ended{7});
  run();
  CHECK(heard->ended == std::vector<std::uint64_t>{7});
}

TEST_CASE_METHOD(holder_fixture, "a lost holder is told with its reason") {
  lose();
  REQUIRE(heard->lost.size() == 1);
  CHECK(heard->lost[0] == "the session holder died: connection reset");
}

TEST_CASE_METHOD(holder_fixture, "a holder is lost once") {
  lose();
  lose();
  CHECK(heard->lost.size() == 1);
}

TEST_CASE_METHOD(holder_fixture, "without a holder nothing is alive") {
  CHECK(ask<bool>(holder, is_holder_alive{}).value());
  lose();
  CHECK_FALSE(ask<bool>(holder, is_holder_alive{}).value());
}

TEST_CASE_METHOD(holder_fixture, "/health is told whether a holder answers") {
  CHECK(board.holder);
  send(holder, holder_probed{false});
  run();
  CHECK_FALSE(board.holder);
  send(holder, holder_probed{true});
  run();
  CHECK(board.holder);
  lose();
  CHECK_FALSE(board.holder);
}

TEST_CASE_METHOD(holder_fixture, "without a holder requests are unavailable") {
  lose();
  CHECK(ask<done>(holder, end_session{1}).error().code == errc::unavailable);
  CHECK(ask<done>(holder, forget_session{1}).error().code == errc::unavailable);
  CHECK(ask<listed_sessions>(holder, list_sessions{}).error().code ==
        errc::unavailable);
}

TEST_CASE_METHOD(holder_fixture,
                 "a program waits for the next holder until there is none") {
  lose();
  auto answer = begin<spawned_session>(holder, spawn_session{program()});
  REQUIRE(wait_for([&] { return answer->has_value(); }));
  REQUIRE((*answer)->has_error()); // this one cannot be started
  CHECK((*answer)->error().code == errc::unavailable);
}

TEST_CASE_METHOD(holder_fixture, "only so many programs wait for a holder") {
  lose();
  std::vector<answer_ptr<spawned_session>> answers;
  for (std::size_t i = 0; i < holder_state::max_waiting + 1; ++i)
    answers.push_back(begin<spawned_session>(holder, spawn_session{program()}));
  run_mailboxes(); // the attempt to start one takes longer
  REQUIRE(answers.back()->has_value());
  CHECK((*answers.back())->error().code == errc::unavailable);
}

TEST_CASE_METHOD(holder_fixture,
                 "a holder that cannot be started is tried again") {
  lose();
  auto first = begin<spawned_session>(holder, spawn_session{program()});
  REQUIRE(wait_for([&] { return first->has_value(); })); // no first attempt
  auto second = begin<spawned_session>(holder, spawn_session{program()});
  run();
  CHECK_FALSE(second->has_value());
  advance(100ms);
  CHECK(wait_for([&] { return second->has_value(); })); // nor a second
  CHECK_FALSE(ask<bool>(holder, is_holder_alive{}).value());
}

TEST_CASE_METHOD(holder_fixture, "everyone who listens is told") {
  auto heard_too = std::make_shared<heard_sessions>();
  auto second = keep(system.spawn(recording_listener, heard_too));
  send(holder, subscribe_sessions{second});
  send(holder, session_ended{7});
  lose();
  CHECK(heard_too->ended == std::vector<std::uint64_t>{7});
  CHECK(heard_too->lost.size() == 1);
  CHECK(heard->ended == std::vector<std::uint64_t>{7});
  CHECK(heard->lost.size() == 1);
}

TEST_CASE_METHOD(holder_fixture, "it goes on when nobody listens any more") {
  end(listener);
  send(holder, session_ended{7});
  lose();
  CHECK(heard->ended.empty());
  CHECK(heard->lost.empty());
}

} // namespace outrigger
