#include "actors/holder.hpp"

#include <stdexcept>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/os/listen_socket.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// Between two questions whether the holder answers, for /health.
constexpr auto probe_interval = 5s;

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
          to_caf({ec == std::errc::no_such_file_or_directory ? errc::not_found
                                                             : errc::internal,
                  std::string{what} + ": " + ec.message()}));
    else
      promise.deliver(done{});
  };
}

/// Connects to the holder at the path, starting one if nobody listens there.
holder_attempt reach_holder(const std::string& program, const std::string& path,
                            const std::function<os::result<pid_t>()>& start) {
  if (!os::holder_listening(path)) {
    auto pid = start();
    if (!pid)
      return {std::nullopt, "start " + program + " at " + path + ": " +
                                pid.error().message()};
    spdlog::info("holder: started pid {}", *pid);
  }
  auto connection =
      os::connect_to_holder(path, os::holder_client::connect_timeout);
  if (!connection)
    return {std::nullopt, "connect to the holder at " + path + ": " +
                              connection.error().message()};
  return {std::move(*connection), {}};
}

} // namespace

std::unique_ptr<os::holder_client> connect_holder(const holder_deps& deps) {
  auto attempt = reach_holder(deps.program, deps.socket_path, deps.start);
  if (!attempt.connection)
    throw std::runtime_error{attempt.failure};
  auto client = std::make_unique<os::holder_client>(deps.loop);
  if (auto ec = client->use(std::move(*attempt.connection)))
    throw std::runtime_error{"use the connection to the holder: " +
                             ec.message()};
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
  answers = true;
  publish();
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
  publish();
  spdlog::error("holder: lost: {}", reason);
  for (const auto& listener : listeners)
    caf::anon_send(listener, holder_lost{"the session holder died: " + reason});
  restart();
}

void holder_state::ended(std::uint64_t key) const {
  for (const auto& listener : listeners)
    caf::anon_send(listener, session_ended{key});
}

/// A container's init is a holder that restarts by itself; any other is
/// started. Either blocks, so not on the loop.
void holder_state::restart() {
  auto attempt = std::make_shared<holder_attempt>();
  const bool accepted = deps->workers.run(
      [attempt, program = deps->program, path = deps->socket_path,
       start = deps->start] { *attempt = reach_holder(program, path, start); },
      [attempt, me = weak(self)] {
        send_if_alive<holder_actor>(me, holder_started{attempt});
      });
  if (!accepted) {
    attempt->failure = "the worker queue is full";
    started(*attempt);
  }
}

void holder_state::started(holder_attempt& attempt) {
  if (attempt.connection) {
    auto fresh = std::make_unique<os::holder_client>(deps->loop);
    if (auto ec = fresh->use(std::move(*attempt.connection))) {
      attempt.failure = ec.message();
    } else {
      spdlog::warn("holder: restarted, pid {}", fresh->holder_pid());
      return use(std::move(fresh));
    }
  }
  retry = std::min<std::chrono::milliseconds>(retry * 2 + 100ms, 5s);
  spdlog::error("holder: restart: {}; again in {} ms", attempt.failure,
                retry.count());
  for (auto& [request, promise] : std::exchange(waiting, {}))
    promise.deliver(to_caf(no_holder()));
  self->delayed_send(self, retry, restart_holder{});
}

/// A holder that is stopped, or stuck, keeps its connection.
void holder_state::probe() {
  if (client)
    client->ping([me = weak(self)](std::error_code ec) {
      send_if_alive<holder_actor>(me, holder_probed{!ec});
    });
  self->delayed_send(self, probe_interval, probe_holder{});
}

void holder_state::publish() const {
  if (deps->board)
    deps->board->holder = client != nullptr && answers;
}

// -- the actor ----------------------------------------------------------------

holder_actor::behavior_type
holder(holder_actor::stateful_pointer<holder_state> self, holder_deps deps,
       std::shared_ptr<std::unique_ptr<os::holder_client>> client) {
  end_on_exception(self);
  self->state.self = self;
  self->state.deps.emplace(std::move(deps));
  self->state.use(std::move(*client));
  self->delayed_send(self, probe_interval, probe_holder{});
  return {
      [self](const spawn_session& r) { return self->state.spawn(r); },
      [self](end_session r) { return self->state.end(r.key); },
      [self](forget_session r) { return self->state.forget(r.key); },
      [self](list_sessions) { return self->state.list(); },
      [self](is_holder_alive) {
        return self->state.client != nullptr && self->state.answers;
      },
      [self](const subscribe_sessions& r) {
        self->state.listeners.push_back(r.listener);
      },
      [self](session_ended e) { self->state.ended(e.key); },
      [self](const client_lost& e) { self->state.lost(e.reason); },
      [self](restart_holder) { self->state.restart(); },
      [self](const holder_started& e) { self->state.started(*e.attempt); },
      [self](probe_holder) { self->state.probe(); },
      [self](holder_probed e) {
        self->state.answers = e.answered;
        self->state.publish();
      },
  };
}

} // namespace outrigger
