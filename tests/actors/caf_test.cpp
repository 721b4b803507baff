// Protocol errors on their way through CAF, and exceptions in handlers.

#include <stdexcept>

#include "tests/support/actor_fixture.hpp"

namespace outrigger {
namespace {

struct question {};
using oracle = caf::typed_actor<caf::replies_to<question>::with<done>>;

oracle::behavior_type throwing(oracle::pointer self, int) {
  end_on_exception(self);
  return {[](question) -> caf::result<done> {
    throw std::runtime_error{"handler failed"};
  }};
}

oracle::behavior_type refusing(oracle::pointer self, error with) {
  end_on_exception(self);
  return {[with](question) -> caf::result<done> { return to_caf(with); }};
}

} // namespace
} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::question)

namespace outrigger {

TEST_CASE("every protocol error survives as one of CAF's") {
  const auto code = GENERATE(
      errc::malformed, errc::unauthorized, errc::forbidden, errc::not_found,
      errc::method, errc::conflict, errc::terminal_limit, errc::too_large,
      errc::unsupported, errc::unavailable, errc::timeout, errc::internal);
  const error original{code, "what failed: on what: why"};
  CHECK(from_caf(to_caf(original)) == original);
}

TEST_CASE("an error of ours is an error to CAF") {
  CHECK(static_cast<bool>(to_caf({errc::malformed, ""})));
}

TEST_CASE("an empty detail survives too") {
  CHECK(from_caf(to_caf({errc::conflict, ""})).detail.empty());
}

TEST_CASE("errors of CAF have a code a client can act on") {
  CHECK(from_caf(caf::make_error(caf::sec::request_timeout)).code ==
        errc::timeout);
  CHECK(from_caf(caf::make_error(caf::sec::request_receiver_down)).code ==
        errc::unavailable);
  CHECK(from_caf(caf::make_error(caf::sec::unexpected_message)).code ==
        errc::internal);
  CHECK(from_caf(caf::make_error(caf::exit_reason::kill)).code ==
        errc::internal);
}

TEST_CASE("errors of CAF have a sentence") {
  CHECK_FALSE(
      from_caf(caf::make_error(caf::sec::request_timeout)).detail.empty());
  CHECK_FALSE(
      from_caf(caf::make_error(caf::sec::bad_function_call)).detail.empty());
}

TEST_CASE_METHOD(actor_fixture, "a handler's error reaches the one who asked") {
  const error refusal{errc::conflict, "busy: terminal 3"};
  const auto actor = keep(system.spawn(refusing, refusal));
  const auto answer = ask<done>(actor, question{});
  REQUIRE(answer.has_error());
  CHECK(answer.error() == refusal);
}

TEST_CASE_METHOD(actor_fixture, "an exception in a handler is answered") {
  const auto actor = keep(system.spawn(throwing, 0));
  const auto answer = ask<done>(actor, question{});
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == errc::internal);
}

TEST_CASE_METHOD(actor_fixture, "an exception ends its actor and no other") {
  const auto doomed = keep(system.spawn(throwing, 0));
  const auto other =
      keep(system.spawn(refusing, error{errc::conflict, "alive"}));
  REQUIRE(ask<done>(doomed, question{}).has_error());
  CHECK(ask<done>(doomed, question{}).error().code == errc::unavailable);
  CHECK(ask<done>(other, question{}).error().code == errc::conflict);
}

TEST_CASE_METHOD(actor_fixture, "a weak handle does not keep an actor alive") {
  auto actor = system.spawn(refusing, error{});
  const auto weak = caf::actor_cast<caf::weak_actor_ptr>(actor);
  run();
  actor = oracle{};
  CHECK(caf::actor_cast<caf::strong_actor_ptr>(weak) == nullptr);
  send_if_alive<oracle>(weak, question{}); // and does nothing
  run();
}

} // namespace outrigger
