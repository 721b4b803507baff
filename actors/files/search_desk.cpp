#include "actors/files/search_desk.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/supervisor.hpp"
#include "protocol/search_limits.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// As for terminals.
constexpr auto holder_timeout = 6s;
constexpr auto release_retry = 1s;

/// How long those wait for whom nobody has a program, or a place, to look at.
constexpr auto init_timeout = 5s;

/// No search is older, so a session that is belongs to none.
constexpr auto oldest_session = 2 * limits::max_search_timeout;

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Gives the first answer only: the desk's when a search fails on its way.
answer_function once(answer_function answer) {
  auto left = std::make_shared<answer_function>(std::move(answer));
  return [left](result<rest_answer> what) {
    if (auto give = std::exchange(*left, nullptr))
      give(std::move(what));
  };
}

} // namespace

// -- calls --------------------------------------------------------------------

void search_desk_state::run(const desk_call& request) {
  auto task = task_of(request.call);
  if (!task)
    return request.answer(task.error());
  if (running.size() >= limits::max_searches &&
      waiting.size() >= limits::max_waiting_searches)
    return request.answer(
        error{errc::too_many, "too many searches at a time", 1s});
  task->answer = once(request.answer);
  task->gone = request.call.gone;
  task->deadline = self->clock().now() + task->timeout;
  if (running.size() < limits::max_searches)
    return begin(std::move(*task));
  const auto ticket = ++last_ticket;
  self->delayed_send(self, task->timeout, search_waited{ticket});
  waiting.push_back({ticket, std::move(*task)});
}

result<search_task> search_desk_state::task_of(const rest_call& call) const {
  const auto locate = [&](const std::string& path) {
    return deps.files->locate(path, path_style::machine, call.who.scopes,
                              right::view);
  };
  search_task task;
  switch (call.matched->id) {
  case route_id::files_search: {
    auto wanted = parse_search_request(call.target);
    if (!wanted)
      return wanted.error();
    auto place = locate(wanted->path);
    if (!place)
      return place.error();
    task.timeout = wanted->timeout;
    task.work = search_lines(std::move(*wanted), std::move(*place));
    return task;
  }
  case route_id::files_search_files: {
    auto wanted = parse_name_request(call.target);
    if (!wanted)
      return wanted.error();
    auto place = locate(wanted->path);
    if (!place)
      return place.error();
    task.timeout = limits::default_search_timeout;
    task.work = search_names(std::move(*wanted), std::move(*place));
    return task;
  }
  case route_id::files_search_init:
    task.timeout = init_timeout;
    task.work = search_init(call.matched->method == "POST");
    return task;
  default:
    return error{errc::internal, "route without a handler"};
  }
}

void search_desk_state::begin(search_task task) {
  auto answer = task.answer;
  auto actor = self->spawn<caf::monitored>(search, deps.search, std::move(task),
                                           search_keeper{self});
  const auto address = actor.address();
  running.emplace(address, running_search{std::move(actor), std::move(answer)});
}

void search_desk_state::waited(std::uint64_t ticket) {
  const auto found = std::find_if(
      waiting.begin(), waiting.end(),
      [ticket](const waiting_search& each) { return each.ticket == ticket; });
  if (found == waiting.end())
    return;
  const auto task = std::move(found->task);
  waiting.erase(found);
  task.answer(error{errc::timeout, "the search had no turn within " +
                                       std::to_string(task.timeout.count()) +
                                       " s: others ran"});
}

void search_desk_state::search_down(const caf::down_msg& down) {
  const auto found =
      running.find(caf::actor_cast<caf::actor_addr>(down.source));
  if (found == running.end())
    return;
  if (!ended_normally(down.reason))
    spdlog::error("search: failed ({})", reason_text(down.reason));
  found->second.answer(error{errc::internal, "the search failed"});
  const auto key = found->second.key;
  running.erase(found);
  if (key != 0)
    release(key);
  if (!waiting.empty()) {
    auto next = std::move(waiting.front().task);
    waiting.pop_front();
    begin(std::move(next));
  }
}

/// Takes its searches with it. What runs for them is ended now; whoever comes
/// after us forgets it, or the holder when it is alone.
void search_desk_state::quit(const caf::exit_msg& exit) {
  for (const auto& [address, each] : running) {
    caf::anon_send_exit(each.actor, caf::exit_reason::user_shutdown);
    if (each.key != 0)
      caf::anon_send(deps.search.holder, end_session{each.key});
  }
  running.clear();
  self->quit(exit.reason);
}

// -- sessions -----------------------------------------------------------------

void search_desk_state::has_session(const search_session& e) {
  const auto found = running.find(e.search);
  if (found == running.end())
    return release(e.key);
  found->second.key = e.key;
}

/// A program that has ended is only to be forgotten; the holder refuses that
/// for one that runs.
void search_desk_state::release(std::uint64_t key) {
  leaving.insert(key);
  self->request(deps.search.holder, holder_timeout, forget_session{key})
      .then([this, key](done) { leaving.erase(key); },
            [this, key](const caf::error& err) {
              if (from_caf(err).code == errc::not_found)
                leaving.erase(key);
              else
                end(key);
            });
}

void search_desk_state::end(std::uint64_t key) {
  self->request(deps.search.holder, holder_timeout, end_session{key})
      .then([](done) {}, // session_ended follows
            [this, key](const caf::error& err) {
              const auto why = from_caf(err);
              if (why.code == errc::not_found) {
                leaving.erase(key);
                return;
              }
              spdlog::warn("search: end ripgrep: {}", why.detail);
              self->delayed_send(self, release_retry, release_again{key});
            });
}

void search_desk_state::ended(std::uint64_t key) {
  if (leaving.contains(key))
    release(key);
}

void search_desk_state::holder_gone(const std::string& reason) {
  leaving.clear();
  for (auto& [address, each] : running) {
    each.key = 0;
    caf::anon_send(each.actor, search_lost{reason});
  }
}

void search_desk_state::sweep(std::chrono::milliseconds min_age) {
  const auto before = unix_ms() - min_age.count();
  self->request(deps.search.holder, holder_timeout, list_sessions{})
      .then([this, before](const listed_sessions& all) { sweep(all, before); },
            [](const caf::error& err) {
              spdlog::warn("search: look for old sessions: {}",
                           from_caf(err).detail);
            });
}

void search_desk_state::sweep(const listed_sessions& all,
                              std::int64_t before_unix_ms) {
  std::set<std::uint64_t> known = leaving;
  for (const auto& [address, each] : running)
    known.insert(each.key);
  for (const auto& session : all.sessions) {
    const auto& info = session->info();
    if (info.tag != search_tag || info.created_unix_ms > before_unix_ms ||
        known.contains(info.key))
      continue;
    spdlog::info("search: ending what an earlier search left");
    release(info.key);
  }
}

// -- the actor ----------------------------------------------------------------

search_desk_actor::behavior_type
search_desk(search_desk_actor::stateful_pointer<search_desk_state> self,
            search_desk_deps deps) {
  end_on_exception(self);
  auto& state = self->state;
  state.self = self;
  state.deps = std::move(deps);
  self->set_down_handler(
      [self](const caf::down_msg& down) { self->state.search_down(down); });
  self->set_exit_handler(
      [self](const caf::exit_msg& exit) { self->state.quit(exit); });
  caf::anon_send(state.deps.search.holder, subscribe_sessions{self});
  state.sweep(0ms);
  return {
      [self](const desk_call& request) { self->state.run(request); },
      [self](const search_session& e) { self->state.has_session(e); },
      [self](search_session_unknown) {
        self->delayed_send(self, oldest_session, sweep_searches{});
      },
      [self](session_ended e) { self->state.ended(e.key); },
      [self](const holder_lost& e) { self->state.holder_gone(e.reason); },
      [self](search_waited e) { self->state.waited(e.ticket); },
      [self](sweep_searches) { self->state.sweep(oldest_session); },
      [self](release_again e) { self->state.release(e.key); },
  };
}

} // namespace outrigger
