// The holder actor, as far as it goes without a holder process: what it does
// when there is none. The rest is in the tests that start the real binary.

#include <memory>
#include <string>

#include <unistd.h>

#include "actors/holder.hpp"
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
    const holder_deps deps{loop, workers, "/nonexistent/outrigger-holder",
                           "/nonexistent/holder.sock"};
    holder = keep(system.spawn(outrigger::holder, deps, client));
    listener = keep(system.spawn(recording_listener, heard));
    send(holder, subscribe_sessions{listener});
    run();
  }
  ~holder_fixture() {
    end(holder);
    workers.stop();
  }

  void lose() {
    send(holder, client_lost{"connection reset"});
    run();
  }

  std::shared_ptr<heard_sessions> heard = std::make_shared<heard_sessions>();
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

TEST_CASE_METHOD(holder_fixture, "without a holder requests are unavailable") {
  lose();
  os::spawn_request request;
  request.argv = {"true"};
  const auto spawned = ask<spawned_session>(holder, spawn_session{request});
  REQUIRE(spawned.has_error());
  CHECK(spawned.error().code == errc::unavailable);
  CHECK(ask<done>(holder, end_session{1}).error().code == errc::unavailable);
  CHECK(ask<done>(holder, forget_session{1}).error().code ==
        errc::unavailable);
  CHECK(ask<listed_sessions>(holder, list_sessions{}).error().code ==
        errc::unavailable);
}

TEST_CASE_METHOD(holder_fixture, "a holder that cannot be started is tried again") {
  lose();
  send(holder, holder_started{"no such program"});
  run();
  CHECK(has_timeouts());
  CHECK_FALSE(ask<bool>(holder, is_holder_alive{}).value());
}

TEST_CASE_METHOD(holder_fixture, "it goes without a listener") {
  send(holder, subscribe_sessions{session_listener{}});
  send(holder, session_ended{7});
  lose();
  CHECK(heard->ended.empty());
  CHECK(heard->lost.empty());
}

} // namespace outrigger
