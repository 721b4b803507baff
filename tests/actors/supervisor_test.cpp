// How often a part may fail.

#include <catch2/catch.hpp>

#include "actors/supervisor.hpp"
#include "tests/support/actor_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

const restart_budget::clock::time_point start{1h};

} // namespace

TEST_CASE("a budget is spent after its limit") {
  restart_budget budget{3, 60s};
  CHECK(budget.take(start));
  CHECK(budget.take(start));
  CHECK(budget.take(start));
  CHECK_FALSE(budget.take(start));
}

TEST_CASE("a restart is free again when its window has passed") {
  restart_budget budget{2, 60s};
  REQUIRE(budget.take(start));
  REQUIRE(budget.take(start + 30s));
  CHECK_FALSE(budget.take(start + 59s));
  CHECK(budget.take(start + 60s));
  CHECK_FALSE(budget.take(start + 61s));
  CHECK(budget.take(start + 90s));
}

TEST_CASE("a refused restart costs nothing") {
  restart_budget budget{1, 60s};
  REQUIRE(budget.take(start));
  for (int i = 0; i < 10; ++i)
    CHECK_FALSE(budget.take(start + 50s));
  CHECK(budget.take(start + 60s));
}

TEST_CASE("by default five restarts a minute are allowed") {
  restart_budget budget;
  for (int i = 0; i < 5; ++i)
    CHECK(budget.take(start));
  CHECK_FALSE(budget.take(start + 59s));
  CHECK(budget.take(start + 60s));
}

TEST_CASE("an actor that was told to end did not fail") {
  CHECK(ended_normally(caf::none));
  CHECK(ended_normally(caf::make_error(caf::exit_reason::normal)));
  CHECK(ended_normally(caf::make_error(caf::exit_reason::user_shutdown)));
}

TEST_CASE("an actor that ended for another reason failed") {
  CHECK_FALSE(
      ended_normally(caf::make_error(caf::exit_reason::unhandled_exception)));
  CHECK_FALSE(ended_normally(to_caf({errc::internal, "broken"})));
}

namespace {

using idler = caf::typed_actor<caf::reacts_to<done>>;

struct idle_state {
  static inline const char* name = "idler";
};

idler::behavior_type idle(idler::stateful_pointer<idle_state> /*self*/,
                          int /*unused*/) {
  return {[](done) {}};
}

class vital_fixture : public actor_fixture {
public:
  vital_fixture() {
    one = keep(system.spawn(idle, 0));
    two = keep(system.spawn(idle, 0));
    keep(watch_vital(system,
                     {caf::actor_cast<caf::strong_actor_ptr>(one),
                      caf::actor_cast<caf::strong_actor_ptr>(two)},
                     [this](const std::string& why) { told.push_back(why); }));
    run();
  }

  idler one;
  idler two;
  std::vector<std::string> told;
};

} // namespace

TEST_CASE_METHOD(vital_fixture, "the failure of a vital actor is told") {
  end(two, true);
  REQUIRE(told.size() == 1);
  CHECK(told[0].starts_with("the idler actor failed: "));
}

TEST_CASE_METHOD(vital_fixture, "the end of a vital actor is no failure") {
  end(one);
  CHECK(told.empty());
}

TEST_CASE("a reason is told in words") {
  CHECK(reason_text(to_caf({errc::internal, "disk full"})) == "disk full");
  CHECK(reason_text(caf::none) == "done");
  CHECK_FALSE(reason_text(caf::make_error(caf::exit_reason::kill)).empty());
}

} // namespace outrigger
