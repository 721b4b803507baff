// Actors on a real Asio loop.

#include "actors/loop_scheduler.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include "actors/caf.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

struct ping {
  int left = 0; // -1: for ever
  caf::strong_actor_ptr peer;
};
struct ask_number {
  int number = 0;
};
struct note_number {
  int number = 0;
};

using player = caf::typed_actor<caf::reacts_to<ping>>;
using echo = caf::typed_actor<caf::replies_to<ask_number>::with<int>>;
using notes = caf::typed_actor<caf::reacts_to<note_number>>;

} // namespace
} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::ping)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::ask_number)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::note_number)

namespace outrigger {
namespace {

player::behavior_type play(player::pointer self, std::shared_ptr<int> turns) {
  return {[self, turns](const ping& p) {
    ++*turns;
    if (p.left != 0)
      self->send(
          caf::actor_cast<player>(p.peer),
          ping{p.left - 1, caf::actor_cast<caf::strong_actor_ptr>(self)});
  }};
}

echo::behavior_type answer(echo::pointer self, bool silent) {
  return {[self, silent](ask_number n) -> caf::result<int> {
    if (silent)
      return self->make_response_promise<int>();
    return n.number + 1;
  }};
}

struct noted {
  std::vector<int> numbers;
  std::vector<std::thread::id> threads;
};

notes::behavior_type take_notes(notes::pointer, std::shared_ptr<noted> seen) {
  return {[seen](note_number n) {
    seen->numbers.push_back(n.number);
    seen->threads.push_back(std::this_thread::get_id());
  }};
}

/// Notes how far another actor is when its own message comes.
notes::behavior_type note_when_asked(notes::pointer,
                                     std::shared_ptr<noted> other,
                                     std::optional<std::size_t>* how_far) {
  return {[other, how_far](note_number) { *how_far = other->numbers.size(); }};
}

/// A loop and a system that a test opens on it.
class bare_loop {
public:
  ~bare_loop() { close(); }

  void open(loop_scheduler_options options) {
    config.emplace();
    use_loop_scheduler(*config, loop, std::move(options));
    system.emplace(*config);
    // As the daemon does: whoever still lives is not waited for.
    system->await_actors_before_shutdown(false);
  }

  void close() {
    system.reset();
    config.reset();
  }

  /// Runs the loop until `finished`; false when that takes too long.
  template <class Condition>
  bool run_until(Condition finished, std::chrono::seconds patience = 20s) {
    const auto end = steady::now() + patience;
    loop.restart();
    while (!finished()) {
      if (steady::now() > end)
        return false;
      loop.run_one_for(50ms);
    }
    return true;
  }

  boost::asio::io_context loop{1};
  std::optional<caf::actor_system_config> config;
  std::optional<caf::actor_system> system;
};

class loop_fixture : public bare_loop {
public:
  loop_fixture() { open({}); }
};

using int_answer = std::shared_ptr<std::optional<caf::expected<int>>>;

int_answer ask(caf::actor_system& system, echo whom,
               std::chrono::seconds time) {
  auto given = std::make_shared<std::optional<caf::expected<int>>>();
  system.spawn(
      [given, time](caf::event_based_actor* self, echo to) {
        self->request(to, time, ask_number{41})
            .then([given](int n) { given->emplace(n); },
                  [given](const caf::error& e) { given->emplace(e); });
      },
      whom);
  return given;
}

} // namespace

TEST_CASE_METHOD(loop_fixture, "a message is delivered by the loop") {
  auto seen = std::make_shared<noted>();
  auto actor = system->spawn(take_notes, seen);
  caf::anon_send(actor, note_number{1});
  CHECK(seen->numbers.empty());
  CHECK(run_until([&] { return seen->numbers.size() == 1; }));
}

TEST_CASE_METHOD(loop_fixture, "messages of one sender keep their order") {
  auto seen = std::make_shared<noted>();
  auto actor = system->spawn(take_notes, seen);
  std::vector<int> expected;
  for (int i = 0; i < 1000; ++i) {
    caf::anon_send(actor, note_number{i});
    expected.push_back(i);
  }
  REQUIRE(run_until([&] { return seen->numbers.size() == 1000; }));
  CHECK(seen->numbers == expected);
}

TEST_CASE_METHOD(loop_fixture, "a request is answered") {
  auto actor = system->spawn(answer, false);
  auto given = ask(*system, actor, 10s);
  REQUIRE(run_until([&] { return given->has_value(); }));
  REQUIRE(*given);
  CHECK(***given == 42);
}

TEST_CASE_METHOD(loop_fixture, "a request without an answer times out") {
  auto actor = system->spawn(answer, true);
  const auto before = steady::now();
  auto given = ask(*system, actor, 1s);
  REQUIRE(run_until([&] { return given->has_value(); }));
  CHECK_FALSE(**given);
  CHECK((*given)->error() == caf::sec::request_timeout);
  CHECK(steady::now() - before >= 1s);
}

TEST_CASE_METHOD(loop_fixture,
                 "delayed messages come in the order of their time") {
  auto seen = std::make_shared<noted>();
  auto actor = system->spawn(take_notes, seen);
  const auto before = steady::now();
  caf::delayed_anon_send(actor, 120ms, note_number{2});
  caf::delayed_anon_send(actor, 40ms, note_number{1});
  caf::delayed_anon_send(actor, 200ms, note_number{3});
  REQUIRE(run_until([&] { return seen->numbers.size() == 3; }));
  CHECK(seen->numbers == std::vector<int>{1, 2, 3});
  CHECK(steady::now() - before >= 200ms);
}

TEST_CASE_METHOD(loop_fixture, "a message from another thread wakes the loop") {
  auto seen = std::make_shared<noted>();
  auto actor = system->spawn(take_notes, seen);
  const auto guard = boost::asio::make_work_guard(loop);
  std::thread other{[&] {
    for (int i = 0; i < 1000; ++i)
      caf::anon_send(actor, note_number{i});
  }};
  const bool all = run_until([&] { return seen->numbers.size() == 1000; });
  other.join();
  REQUIRE(all);
  for (auto thread : seen->threads)
    CHECK(thread == std::this_thread::get_id());
}

TEST_CASE_METHOD(loop_fixture, "messages of several threads all arrive") {
  auto seen = std::make_shared<noted>();
  auto actor = system->spawn(take_notes, seen);
  const auto guard = boost::asio::make_work_guard(loop);
  std::vector<std::thread> others;
  for (int t = 0; t < 4; ++t)
    others.emplace_back([&] {
      for (int i = 0; i < 500; ++i)
        caf::anon_send(actor, note_number{i});
    });
  CHECK(run_until([&] { return seen->numbers.size() == 2000; }));
  for (auto& other : others)
    other.join();
}

TEST_CASE_METHOD(loop_fixture,
                 "timers and handlers run while two actors play for ever") {
  auto turns = std::make_shared<int>(0);
  auto one = system->spawn(play, turns);
  auto two = system->spawn(play, turns);
  caf::anon_send(one, ping{-1, caf::actor_cast<caf::strong_actor_ptr>(two)});
  int handlers = 0;
  bool timer_fired = false;
  boost::asio::steady_timer timer{loop, 50ms};
  timer.async_wait([&](auto) { timer_fired = true; });
  std::function<void()> again = [&] {
    if (++handlers < 100)
      boost::asio::post(loop, again);
  };
  boost::asio::post(loop, again);
  CHECK(run_until([&] { return timer_fired && handlers == 100; }));
  CHECK(*turns > 100);
  caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(two, caf::exit_reason::user_shutdown);
  CHECK(run_until([&] { return system->registry().running() == 0; }));
}

TEST_CASE_METHOD(bare_loop, "a turn ends when its time is up") {
  loop_scheduler_options options;
  options.turn = 1ms;
  open(options);
  auto turns = std::make_shared<int>(0);
  auto one = system->spawn(play, turns);
  auto two = system->spawn(play, turns);
  caf::anon_send(one, ping{-1, caf::actor_cast<caf::strong_actor_ptr>(two)});
  loop.restart();
  const auto before = steady::now();
  loop.run_one(); // one handler of the loop: one turn
  CHECK(steady::now() - before < 1s);
  CHECK(*turns > 0);
  caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(two, caf::exit_reason::user_shutdown);
  CHECK(run_until([&] { return system->registry().running() == 0; }));
}

TEST_CASE_METHOD(bare_loop, "a busy actor leaves the others their turn") {
  loop_scheduler_options options;
  options.messages_per_actor = 7;
  open(options);
  auto flooded = std::make_shared<noted>();
  std::optional<std::size_t> waited_for;
  auto busy = system->spawn(take_notes, flooded);
  auto other = system->spawn(note_when_asked, flooded, &waited_for);
  for (int i = 0; i < 1000; ++i)
    caf::anon_send(busy, note_number{i});
  caf::anon_send(other, note_number{1});
  REQUIRE(run_until([&] { return waited_for.has_value(); }));
  CHECK(*waited_for == 7);
  CHECK(run_until([&] { return flooded->numbers.size() == 1000; }));
}

TEST_CASE_METHOD(loop_fixture, "an actor ends when it is told from elsewhere") {
  auto actor = system->spawn(answer, false);
  const auto guard = boost::asio::make_work_guard(loop);
  std::thread other{
      [&] { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); }};
  CHECK(run_until([&] { return system->registry().running() == 0; }));
  other.join();
}

TEST_CASE_METHOD(loop_fixture,
                 "nothing is left to do when nobody has a message") {
  auto actor = system->spawn(answer, false);
  loop.restart();
  loop.run_for(1s); // returns at once: the loop has run out of work
  CHECK(loop.stopped());
}

TEST_CASE_METHOD(loop_fixture,
                 "a system ends cleanly with messages undelivered") {
  auto seen = std::make_shared<noted>();
  auto actor = system->spawn(take_notes, seen);
  caf::anon_send(actor, note_number{1});
  caf::delayed_anon_send(actor, 1h, note_number{2});
  actor = notes{};
  close();
  CHECK(seen.use_count() == 1); // the actor is gone and its state with it
}

TEST_CASE_METHOD(loop_fixture, "a system ends cleanly with a request open") {
  auto actor = system->spawn(answer, true);
  auto given = ask(*system, actor, 3600s);
  loop.restart();
  loop.poll();
  actor = echo{};
  close();
  CHECK_FALSE(given->has_value());
}

TEST_CASE_METHOD(loop_fixture,
                 "the loop may run on when the system has ended") {
  auto actor = system->spawn(take_notes, std::make_shared<noted>());
  caf::anon_send(actor, note_number{1}); // a turn is on its way
  std::thread other{[&] { caf::anon_send(actor, note_number{2}); }};
  other.join(); // and so is a hand-over
  caf::delayed_anon_send(actor, 1ms, note_number{3});
  actor = notes{};
  close();
  bool ran = false;
  boost::asio::post(loop, [&ran] { ran = true; });
  CHECK(run_until([&] { return ran; }));
}

TEST_CASE_METHOD(bare_loop, "the load of a second is reported") {
  std::optional<loop_load> load;
  loop_scheduler_options options;
  options.on_second = [&](const loop_load& l) { load = l; };
  open(options);
  auto seen = std::make_shared<noted>();
  auto actor = system->spawn(take_notes, seen);
  caf::anon_send(actor, note_number{1});
  REQUIRE(run_until([&] { return load.has_value(); }));
  CHECK(load->resumes >= 1);
  CHECK(load->lag >= 0us);
  CHECK(load->lag < 10s);
}

TEST_CASE_METHOD(bare_loop, "a handler that blocks shows in the lag") {
  std::optional<loop_load> load;
  loop_scheduler_options options;
  options.on_second = [&](const loop_load& l) { load = l; };
  open(options);
  boost::asio::steady_timer timer{loop, 800ms};
  timer.async_wait([](auto) {
    const auto end = steady::now() + 500ms;
    while (steady::now() < end) {
    }
  });
  REQUIRE(run_until([&] { return load.has_value(); }));
  CHECK(load->lag > loop_lag_limit);
}

} // namespace outrigger
