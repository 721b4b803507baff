#include "tests/support/actor_fixture.hpp"

#include <iostream>

#include <caf/scheduler/test_coordinator.hpp>
#include <spdlog/spdlog.h>

namespace outrigger {
namespace {

caf::scheduler::test_coordinator& scheduler_of(caf::actor_system& system) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

} // namespace

caf::actor_system_config&
actor_fixture::on_testing_scheduler(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
  return config;
}

actor_fixture::actor_fixture() : system{on_testing_scheduler(config)} {
  spdlog::set_level(spdlog::level::off);
}

actor_fixture::~actor_fixture() {
  for (const auto& actor : kept_)
    send_exit(actor, false);
  kept_.clear();
  run();
  const auto left = system.registry().running();
  if (left == 0)
    return;
  // A handle in a place nobody ends: the destructor of the system would wait
  // for it for ever.
  std::cerr << "actor fixture: " << left << " actors did not end\n";
  system.await_actors_before_shutdown(false);
}

void actor_fixture::run_mailboxes() {
  scheduler_of(system).run();
}

void actor_fixture::run() {
  do {
    run_mailboxes();
    loop.restart();
  } while (loop.poll() > 0 || scheduler_of(system).has_job());
}

void actor_fixture::advance(std::chrono::nanoseconds time) {
  auto& clock = scheduler_of(system).clock();
  const auto target = clock.now() + time;
  run();
  while (!clock.schedule().empty() &&
         clock.schedule().begin()->first <= target) {
    const auto due = std::max(clock.schedule().begin()->first, clock.now());
    clock.advance_time(due - clock.now());
    run();
  }
  clock.advance_time(target - clock.now());
  run();
}

bool actor_fixture::has_timeouts() {
  return scheduler_of(system).has_pending_timeout();
}

std::chrono::steady_clock::time_point actor_fixture::now() {
  return scheduler_of(system).clock().now();
}

void actor_fixture::send_exit(const caf::strong_actor_ptr& actor, bool failed) {
  const auto reason = failed ? caf::exit_reason::unhandled_exception
                             : caf::exit_reason::user_shutdown;
  caf::anon_send_exit(caf::actor_cast<caf::actor>(actor), reason);
}

} // namespace outrigger
