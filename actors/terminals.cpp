#include "actors/terminals.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/os/holder_protocol.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// The holder answers a spawn when exec has happened; longer than its own
/// deadline, so that its reason is the one reported.
constexpr auto holder_timeout = 6s;

/// After a request to end a session that was not answered.
constexpr auto end_retry = 1s;

/// How long ago something was that no clock of this process has seen; within
/// the hour that matters here, whatever the system's clock did since.
std::chrono::milliseconds age(std::int64_t unix_ms) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(now) -
                        std::chrono::milliseconds{unix_ms},
                    0ms, std::chrono::milliseconds{limits::dead_session_ttl});
}

} // namespace

// -- requests -----------------------------------------------------------------

caf::result<terminal_summary>
terminals_state::create(const create_terminal& request) {
  if (ending)
    return to_caf({errc::unavailable, "the daemon is ending all terminals"});
  if (count().alive + spawning >= options.limit)
    return to_caf({errc::terminal_limit,
                   "terminal limit reached: " + std::to_string(options.limit) +
                       " are running; delete one first"});
  const auto id = free_id();
  if (!id)
    return to_caf({errc::terminal_limit, "terminal limit reached: all 255 ids "
                                         "are listed; delete some first"});
  auto spawn = to_spawn(request.body, options.defaults);
  terminal_record record{*id, request.body.scrollback_size, spawn.cwd,
                         spawn.argv};
  spawn.tag = to_tag(record, os::holder::max_tag);
  ++spawning;
  auto promise = self->make_response_promise<terminal_summary>();
  self->request(holder, holder_timeout, spawn_session{std::move(spawn)})
      .then(
          [this, promise, record](const spawned_session& spawned) mutable {
            --spawning;
            auto& e = add(std::move(record), spawned.session);
            spdlog::info("terminal {}: started pid {}", unsigned{e.record.id},
                         e.session->info().pid);
            promise.deliver(summarise(e.record, *e.session, e.exit));
            if (ending)
              take_off(e);
          },
          [this, promise, record](const caf::error& err) mutable {
            --spawning;
            ids.give_back(record.id);
            promise.deliver(err);
            check_all_ended();
          });
  return promise;
}

/// When all ids are taken, the oldest dead terminal gives way.
std::optional<std::uint8_t> terminals_state::free_id() {
  if (auto id = ids.take())
    return id;
  const entry* oldest = nullptr;
  for (const auto& [key, e] : entries)
    if (e.exit && e.listed &&
        (!oldest || e.session->info().created_unix_ms <
                        oldest->session->info().created_unix_ms))
      oldest = &e;
  if (!oldest)
    return std::nullopt;
  drop(oldest->session->info().key);
  return ids.take();
}

/// For /health, which asks nobody.
void terminals_state::publish_counts() const {
  if (!options.board)
    return;
  const auto counts = count();
  options.board->terminals = counts.alive;
  options.board->listed = counts.listed;
}

/// Takes it off the list at once; its actor and its id stay until the holder
/// says that nothing of it runs.
caf::result<done> terminals_state::remove(std::uint8_t id) {
  const auto* found = listed(id);
  if (!found)
    return to_caf(no_terminal(id));
  take_off(entries.at(found->session->info().key));
  return done{};
}

void terminals_state::take_off(entry& e) {
  e.listed = false;
  publish_counts();
  self->request(holder, holder_timeout, end_session{e.session->info().key})
      .then([](done) {},
            [id = e.record.id, key = e.session->info().key,
             this](const caf::error& err) {
              const auto why = from_caf(err);
              spdlog::warn("terminal {}: end: {}", unsigned{id}, why.detail);
              if (why.code == errc::not_found)
                ended(key);
              else
                self->delayed_send(self, end_retry, outrigger::end_again{key});
            });
}

void terminals_state::end_again(std::uint64_t key) {
  if (auto it = entries.find(key); it != entries.end())
    take_off(it->second);
}

caf::result<done> terminals_state::end_all() {
  ending = true;
  auto promise = self->make_response_promise<done>();
  waiting_for_end.push_back(promise);
  for (const auto& terminal : list().terminals)
    remove(terminal.id);
  check_all_ended();
  return promise;
}

void terminals_state::check_all_ended() {
  if (ending && entries.empty() && spawning == 0)
    for (auto& promise : std::exchange(waiting_for_end, {}))
      promise.deliver(done{});
}

// -- adoption -----------------------------------------------------------------

caf::result<terminal_counts> terminals_state::adopt() {
  auto promise = self->make_response_promise<terminal_counts>();
  self->request(holder, holder_timeout, list_sessions{})
      .then(
          [this, promise](const listed_sessions& kept) mutable {
            for (const auto& session : kept.sessions)
              adopt(session);
            const auto newest = std::max_element(
                entries.begin(), entries.end(),
                [](const auto& a, const auto& b) {
                  return a.second.session->info().created_unix_ms <
                         b.second.session->info().created_unix_ms;
                });
            if (newest != entries.end())
              ids.reconstruct(newest->second.record.id);
            promise.deliver(count());
          },
          [promise](const caf::error& err) mutable { promise.deliver(err); });
  return promise;
}

void terminals_state::adopt(const session_ptr& session) {
  auto record = from_tag(session->info().tag);
  if (!record)
    return; // not a terminal
  const bool was_dead = session->exited().has_value();
  auto& e = add(std::move(*record), session);
  e.was_dead = was_dead;
  if (session->info().ending || ending) // deleted while its daemon ended
    take_off(e);
}

// -- entries ------------------------------------------------------------------

terminals_state::entry& terminals_state::add(terminal_record record,
                                             session_ptr session) {
  const auto key = session->info().key;
  auto& e = entries[key];
  e.record = std::move(record);
  ids.take(e.record.id);
  e.session = std::move(session);
  publish_counts();
  run_actor(e);
  announce(e);
  return e;
}

void terminals_state::run_actor(entry& e) {
  e.actor = self->spawn<caf::monitored>(terminal, e.record, e.session,
                                        exit_listener{self}, options.counted);
}

void terminals_state::announce(const entry& e) {
  for (const auto& listener : listeners)
    caf::anon_send(listener, terminal_added{e.record.id, e.session->info().key,
                                            e.actor, e.exit});
}

/// Forgets a terminal of which nothing runs any more.
void terminals_state::drop(std::uint64_t key) {
  auto it = entries.find(key);
  if (it == entries.end())
    return;
  auto& e = it->second;
  if (auto status = e.session->exited(); status && !e.exit)
    e.exit = to_exit(*status); // the holder was faster than the ring's news
  const terminal_removed event{e.record.id, key,
                               e.exit.value_or(terminal_exit{lost_exit_code}),
                               e.session->output().head()};
  for (const auto& listener : listeners)
    caf::anon_send(listener, event);
  const auto id = e.record.id;
  self->demonitor(e.actor.address());
  caf::anon_send_exit(e.actor, caf::exit_reason::user_shutdown);
  entries.erase(it);
  publish_counts();
  // One that could not be ended may have been listed by the holder again.
  if (std::none_of(entries.begin(), entries.end(), [id](const auto& other) {
        return other.second.record.id == id;
      }))
    ids.free(id);
  self->request(holder, holder_timeout, forget_session{key})
      .then([](done) {},
            [](const caf::error& err) {
              spdlog::debug("holder: forget: {}", from_caf(err).detail);
            });
  check_all_ended();
}

// -- listeners ----------------------------------------------------------------

void terminals_state::subscribe(const terminal_listener& listener) {
  self->monitor(listener);
  listeners.push_back(listener);
  for (const auto& [key, e] : entries)
    if (e.listed)
      caf::anon_send(listener,
                     terminal_added{e.record.id, key, e.actor, e.exit});
  caf::anon_send(listener, terminals_complete{});
}

// -- events -------------------------------------------------------------------

void terminals_state::exited(const terminal_exited& event) {
  auto it = entries.find(event.key);
  if (it == entries.end() || it->second.exit)
    return;
  it->second.exit = event.exit;
  publish_counts();
  spdlog::info("terminal {}: child exited with code {}",
               unsigned{it->second.record.id}, event.exit.code);
  std::chrono::milliseconds left{limits::dead_session_ttl};
  if (const auto status = it->second.session->exited();
      status && it->second.was_dead)
    left -= age(status->unix_ms);
  self->delayed_send(self, left, expire_terminal{event.key});
}

void terminals_state::expire(std::uint64_t key) {
  auto it = entries.find(key);
  if (it != entries.end() && it->second.listed)
    drop(key);
}

void terminals_state::ended(std::uint64_t key) {
  auto it = entries.find(key);
  if (it != entries.end() && !it->second.listed)
    drop(key);
}

void terminals_state::lost(const std::string& reason) {
  std::vector<std::uint64_t> gone;
  for (auto& [key, e] : entries) {
    if (!e.exit) {
      spdlog::error("terminal {}: lost: {}", unsigned{e.record.id}, reason);
      caf::anon_send(e.actor, lose_session{reason});
    }
    if (!e.listed)
      gone.push_back(key);
  }
  for (auto key : gone)
    drop(key);
}

/// A terminal's actor failed. Its session is untouched: a new actor takes it
/// over and viewers attach again where they were.
void terminals_state::actor_down(const caf::down_msg& down) {
  std::erase_if(listeners, [&](const terminal_listener& listener) {
    return listener.address() == down.source;
  });
  for (auto& [key, e] : entries) {
    if (e.actor.address() != down.source)
      continue;
    if (!budget.take(self->clock().now())) {
      spdlog::error("terminal {}: failed too often ({}), given up",
                    unsigned{e.record.id}, reason_text(down.reason));
      remove(e.record.id);
      return;
    }
    spdlog::warn("terminal {}: failed ({}), restarted", unsigned{e.record.id},
                 reason_text(down.reason));
    run_actor(e);
    return announce(e);
  }
}

/// Takes its terminals' actors with it; their sessions live on.
void terminals_state::quit(const caf::exit_msg& exit) {
  for (auto& [key, e] : entries)
    caf::anon_send_exit(e.actor, caf::exit_reason::user_shutdown);
  self->quit(exit.reason);
}

// -- the actor ----------------------------------------------------------------

terminals_actor::behavior_type
terminals(terminals_actor::stateful_pointer<terminals_state> self,
          holder_actor holder, terminals_options options) {
  end_on_exception(self);
  auto& state = self->state;
  state.self = self;
  state.holder = std::move(holder);
  state.options = std::move(options);
  self->set_down_handler(
      [self](const caf::down_msg& down) { self->state.actor_down(down); });
  self->set_exit_handler(
      [self](const caf::exit_msg& exit) { self->state.quit(exit); });
  return {
      [self](const create_terminal& r) { return self->state.create(r); },
      [self](list_terminals) { return self->state.list(); },
      [self](find_terminals) { return self->state.find_all(); },
      [self](find_terminal r) { return self->state.find(r.id); },
      [self](delete_terminal r) { return self->state.remove(r.id); },
      [self](const check_resume_points& r) { return self->state.check(r); },
      [self](end_all_terminals) { return self->state.end_all(); },
      [self](adopt_sessions) { return self->state.adopt(); },
      [self](count_terminals) { return self->state.count(); },
      [self](const subscribe_terminals& r) {
        self->state.subscribe(r.listener);
      },
      [self](session_ended e) { self->state.ended(e.key); },
      [self](const holder_lost& e) { self->state.lost(e.reason); },
      [self](const terminal_exited& e) { self->state.exited(e); },
      [self](expire_terminal e) { self->state.expire(e.key); },
      [self](end_again e) { self->state.end_again(e.key); },
  };
}

} // namespace outrigger
