// ACTOR FIXTURE: an actor_system that runs when the test says so.
//
//   test ── send, ask ──► mailboxes ── run() ──► handlers, on this thread
//   test ── advance(5s) ──► delayed messages, in fake time
//
// Actors run on CAF's testing scheduler; whatever waits for a descriptor runs
// on `loop`, which run() polls as well. The destructor ends what the test
// spawned and never waits for an actor that refuses.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "actors/caf.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger {

class actor_fixture {
public:
  /// What a request came to; empty while it has not been answered.
  template <class T>
  using answer_ptr = std::shared_ptr<std::optional<result<T>>>;

  actor_fixture();
  ~actor_fixture();
  actor_fixture(const actor_fixture&) = delete;
  actor_fixture& operator=(const actor_fixture&) = delete;

  /// Delivers every message and every event of the loop, and what follows
  /// from them, until nothing is left to do.
  void run();

  /// Delivers messages only: what the loop has to tell waits for run().
  void run_mailboxes();

  /// Lets fake time pass. What falls due on the way happens at its moment.
  void advance(std::chrono::nanoseconds time);

  /// Whether a delayed message or a request's timeout is still to come.
  bool has_timeouts();

  /// Fake now.
  std::chrono::steady_clock::time_point now();

  /// Lets the destructor end this actor.
  template <class Handle>
  Handle keep(Handle handle) {
    kept_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  /// Ends an actor now, as a failure when `failed`.
  template <class Handle>
  void end(const Handle& handle, bool failed = false) {
    send_exit(caf::actor_cast<caf::strong_actor_ptr>(handle), failed);
    run();
  }

  template <class Handle, class Message>
  void send(const Handle& to, Message message) {
    caf::anon_send(to, std::move(message));
  }

  /// Sends a request without delivering it.
  template <class T, class Handle, class Message>
  answer_ptr<T> begin(const Handle& to, Message message) {
    auto answer = std::make_shared<std::optional<result<T>>>();
    system.spawn(
        [answer, message](caf::event_based_actor* self, Handle asked) {
          self->request(asked, caf::infinite, message)
              .then([answer](const T& value) { answer->emplace(value); },
                    [answer](const caf::error& err) {
                      answer->emplace(from_caf(err));
                    });
        },
        to);
    return answer;
  }

  /// A request and its answer, which must come without time passing.
  template <class T, class Handle, class Message>
  result<T> ask(const Handle& to, Message message) {
    auto answer = begin<T>(to, std::move(message));
    run();
    REQUIRE(answer->has_value());
    return std::move(**answer);
  }

  boost::asio::io_context loop{1};
  caf::actor_system_config config;
  caf::actor_system system;

private:
  static caf::actor_system_config&
  on_testing_scheduler(caf::actor_system_config& config);
  static void send_exit(const caf::strong_actor_ptr& actor, bool failed);

  std::vector<caf::strong_actor_ptr> kept_;
};

} // namespace outrigger
