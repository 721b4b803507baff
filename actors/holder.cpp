#include "actors/holder.hpp"

#include <stdexcept>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/os/holder_process.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

error no_holder() {
  return {errc::unavailable,
          "the session holder is away; it is being restarted"};
}

/// A program or directory that cannot be used is the caller's mistake,
/// anything else is not.
error to_error(const os::spawn_request& request,
               const os::spawn_error& failed) {
  if (failed.step == "exec")
    return {errc::malformed,
            "run " + request.argv.front() + ": " + failed.error.message()};
  if (failed.step == "chdir")
    return {errc::malformed,
            "enter directory " + request.cwd + ": " + failed.error.message()};
  const bool too_much = failed.error == std::errc::argument_list_too_long ||
                        failed.error == std::errc::invalid_argument;
  return {too_much ? errc::malformed : errc::unavailable,
          "start program: " + failed.error.message()};
}

/// Whether the holder is gone, and with it whatever it made of the request.
bool holder_gone(const os::spawn_error& failed) {
  return failed.error == os::errc::holder_lost ||
         failed.error == std::errc::broken_pipe ||
         failed.error == std::errc::connection_reset;
}

/// An answer to a request that carries nothing but success.
auto deliver_done(caf::typed_response_promise<done> promise, const char* what) {
  return [promise, what](std::error_code ec) mutable {
    if (ec)
      promise.deliver(
          to_caf({errc::internal, std::string{what} + ": " + ec.message()}));
    else
      promise.deliver(done{});
  };
}

} // namespace

std::unique_ptr<os::holder_client> connect_holder(const holder_deps& deps) {
  const auto fail = [&](const std::string& what, std::error_code ec) {
    throw std::runtime_error{what + ": " + ec.message()};
  };
  if (!os::holder_listening(deps.socket_path)) {
    auto pid = os::start_holder(deps.program, deps.socket_path);
    if (!pid)
      fail("start " + deps.program, pid.error());
    spdlog::info("holder: started pid {}", *pid);
  }
  auto client = std::make_unique<os::holder_client>(deps.loop);
  if (auto ec = client->connect(deps.socket_path))
    fail("connect to the holder at " + deps.socket_path, ec);
  return client;
}

void holder_state::use(std::unique_ptr<os::holder_client> connected) {
  client = std::move(connected);
  client->on_ended([me = weak(self)](std::uint64_t key) {
    send_if_alive<holder_actor>(me, session_ended{key});
  });
  client->on_lost([me = weak(self)](std::error_code ec) {
    send_if_alive<holder_actor>(me, client_lost{ec.message()});
  });
  retry = 0ms;
  for (auto& [request, promise] : std::exchange(waiting, {}))
    spawn(request, std::move(promise));
}

caf::result<spawned_session> holder_state::spawn(const spawn_session& request) {
  auto promise = self->make_response_promise<spawned_session>();
  spawn(request, promise);
  return promise;
}

void holder_state::spawn(const spawn_session& request,
                         caf::typed_response_promise<spawned_session> promise) {
  if (!client)
    return wait(request, std::move(promise));
  // The client calls back on the loop, and never once this state, which owns
  // it, is gone.
  client->spawn(request.request, [this, promise, request, used = client.get()](
                                     os::spawn_result session) mutable {
    if (session)
      promise.deliver(spawned_session{session_ptr{std::move(*session)}});
    else if (holder_gone(session.error()) && client.get() == used)
      wait(request, promise); // the news of the loss is on its way
    else
      promise.deliver(to_caf(to_error(request.request, session.error())));
  });
}

void holder_state::wait(const spawn_session& request,
                        caf::typed_response_promise<spawned_session> promise) {
  if (waiting.size() < max_waiting)
    waiting.push_back({request, std::move(promise)});
  else
    promise.deliver(to_caf(no_holder()));
}

caf::result<listed_sessions> holder_state::list() {
  if (!client)
    return to_caf(no_holder());
  auto promise = self->make_response_promise<listed_sessions>();
  client->list([promise](os::list_result kept) mutable {
    if (!kept) {
      promise.deliver(
          to_caf({errc::unavailable,
                  "list the holder's sessions: " + kept.error().message()}));
      return;
    }
    listed_sessions all;
    for (auto& session : *kept)
      all.sessions.emplace_back(std::move(session));
    promise.deliver(all);
  });
  return promise;
}

caf::result<done> holder_state::end(std::uint64_t key) {
  if (!client)
    return to_caf(no_holder());
  auto promise = self->make_response_promise<done>();
  client->end(key, deliver_done(promise, "end session"));
  return promise;
}

caf::result<done> holder_state::forget(std::uint64_t key) {
  if (!client)
    return to_caf(no_holder());
  auto promise = self->make_response_promise<done>();
  client->forget(key, deliver_done(promise, "forget session"));
  return promise;
}

// -- losing it ----------------------------------------------------------------

void holder_state::lost(const std::string& reason) {
  if (!client)
    return;
  client.reset();
  spdlog::error("holder: lost: {}", reason);
  if (listener)
    caf::anon_send(listener, holder_lost{"the session holder died: " + reason});
  restart();
}

/// Starting a process blocks for a moment: not on the loop.
void holder_state::restart() {
  auto failure = std::make_shared<std::string>();
  const bool accepted = deps->workers.run(
      [failure, program = deps->program, path = deps->socket_path] {
        if (os::holder_listening(path))
          return; // a container's init is the holder and restarts by itself
        if (auto pid = os::start_holder(program, path); !pid)
          *failure = pid.error().message();
      },
      [failure, me = weak(self)] {
        send_if_alive<holder_actor>(me, holder_started{*failure});
      });
  if (!accepted)
    started("the worker queue is full");
}

void holder_state::started(const std::string& failure) {
  auto problem = failure;
  if (problem.empty()) {
    auto fresh = std::make_unique<os::holder_client>(deps->loop);
    if (auto ec = fresh->connect(deps->socket_path)) {
      problem = ec.message();
    } else {
      spdlog::warn("holder: restarted, pid {}", fresh->holder_pid());
      return use(std::move(fresh));
    }
  }
  retry = std::min<std::chrono::milliseconds>(retry * 2 + 100ms, 5s);
  spdlog::error("holder: restart: {}; again in {} ms", problem, retry.count());
  for (auto& [request, promise] : std::exchange(waiting, {}))
    promise.deliver(to_caf(no_holder()));
  self->delayed_send(self, retry, restart_holder{});
}

// -- the actor ----------------------------------------------------------------

holder_actor::behavior_type
holder(holder_actor::stateful_pointer<holder_state> self, holder_deps deps,
       std::shared_ptr<std::unique_ptr<os::holder_client>> client) {
  end_on_exception(self);
  self->state.self = self;
  self->state.deps.emplace(std::move(deps));
  self->state.use(std::move(*client));
  return {
      [self](const spawn_session& r) { return self->state.spawn(r); },
      [self](end_session r) { return self->state.end(r.key); },
      [self](forget_session r) { return self->state.forget(r.key); },
      [self](list_sessions) { return self->state.list(); },
      [self](is_holder_alive) { return self->state.client != nullptr; },
      [self](const subscribe_sessions& r) {
        self->state.listener = r.listener;
      },
      [self](session_ended e) {
        if (self->state.listener)
          caf::anon_send(self->state.listener, e);
      },
      [self](const client_lost& e) { self->state.lost(e.reason); },
      [self](restart_holder) { self->state.restart(); },
      [self](const holder_started& e) { self->state.started(e.failure); },
  };
}

} // namespace outrigger
