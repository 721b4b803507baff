#include "actors/files/watches.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/files/watch_excludes.hpp"
#include "actors/supervisor.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// How long a creator waits for the folder to be gone through: few take
/// longer, and those are ready when they say so.
constexpr auto creation_patience = 1s;

error unknown_watcher(std::uint64_t id) {
  return {errc::not_found, "watcher not found: " + std::to_string(id)};
}

error too_many() {
  return {errc::conflict,
          "too many watchers: at most " + std::to_string(limits::max_watchers)};
}

/// What a watch does to begin: has its folder watched.
auto beginning(std::shared_ptr<os::folder_watches> folders,
               os::folder_place place,
               std::shared_ptr<const watch_excludes> excludes) {
  return [folders = std::move(folders), place = std::move(place),
          excludes = std::move(excludes)](
             std::function<void(const os::folder_news&)> listener)
             -> std::shared_ptr<void> {
    return std::make_shared<os::folder_watches::interest>(
        folders->watch(place, excludes, excludes->key(), std::move(listener)));
  };
}

} // namespace

// -- places -------------------------------------------------------------------

void watches_state::locate(watch_wish wish, right wanted, located then) {
  const auto number = ++last_number;
  locating.emplace(number, std::move(then));
  auto place = std::make_shared<result<watch_place>>(error{});
  const bool taken = deps->workers.run(
      [place, wish = std::move(wish), wanted, files = deps->files] {
        *place = find_watch_place(*files, wish.path, wish.style, wish.scopes,
                                  wanted);
      },
      [place, number, to = weak(self)] {
        send_if_alive<watches_actor>(to, wish_located{number, *place});
      });
  if (!taken)
    found({number, error{errc::unavailable, "too much to do: try again", 1s}});
}

void watches_state::found(const wish_located& news) {
  auto waiting = locating.extract(news.number);
  if (!waiting.empty())
    waiting.mapped()(news.place);
}

// -- watches ------------------------------------------------------------------

watches_state::entry& watches_state::begin(const watch_place& place,
                                           const watch_wish& wish,
                                           watch_options options) {
  options.id = ++last_id;
  options.root = place.shown;
  options.excludes = merged_excludes(wish.excludes);
  options.counted = deps->counted;
  options.log_limit = deps->log_limit;
  options.keeper = weak(self);
  options.begin =
      beginning(deps->folders, place.folder,
                std::make_shared<const watch_excludes>(options.excludes));
  const auto id = options.id;
  auto& made = all[id];
  made.info.id = id;
  made.info.root = options.root;
  made.info.excludes = options.excludes;
  made.in_workspace = place.in_workspace;
  made.watch = self->spawn<caf::monitored>(
      watch, std::make_shared<const watch_options>(std::move(options)));
  return made;
}

std::size_t watches_state::shared() const {
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(),
                    [](const auto& each) { return !each.second.owner; }));
}

caf::result<watcher_info> watches_state::create(const create_watcher& request) {
  auto promise = self->make_response_promise<watcher_info>();
  locate(request.wish, right::use,
         [this, promise,
          wish = request.wish](const result<watch_place>& place) mutable {
           if (!place)
             promise.deliver(to_caf(place.error()));
           else if (shared() >= limits::max_watchers)
             promise.deliver(to_caf(too_many()));
           else
             begin_shared(*place, wish).creator = promise;
         });
  return promise;
}

watches_state::entry& watches_state::begin_shared(const watch_place& place,
                                                  const watch_wish& wish) {
  auto& made = begin(place, wish, {});
  const auto id = made.info.id;
  self->delayed_send(self, creation_patience, answer_creator{id});
  for (const auto& [who, scopes] : followers)
    if (right_on_watched(scopes, made.in_workspace) != right::none)
      caf::anon_send(who, watcher_added{id, made.watch});
  spdlog::debug("watcher {}: {}", id, made.info.root);
  return made;
}

caf::result<own_watch> watches_state::watch_own(const watch_folder& request) {
  auto promise = self->make_response_promise<own_watch>();
  locate(request.wish, right::view,
         [this, promise, request](const result<watch_place>& place) mutable {
           if (place)
             promise.deliver(begin_own(*place, request));
           else
             promise.deliver(to_caf(place.error()));
         });
  return promise;
}

own_watch watches_state::begin_own(const watch_place& place,
                                   const watch_folder& request) {
  watch_options options;
  options.dialect = request.dialect;
  options.own_id = request.own_id;
  options.window = request.window;
  options.own = true;
  auto& made = begin(place, request.wish, std::move(options));
  made.owner = request.listener;
  made.tag = request.tag;
  caf::anon_send(made.watch, join_watch{request.listener, request.tag});
  return {made.info.id, made.watch};
}

void watches_state::changed(const watch_status& status) {
  const auto found = all.find(status.id);
  if (found == all.end())
    return;
  auto& info = found->second.info;
  info.state = status.state;
  info.dirs = status.folders;
  info.degraded = status.degraded;
  if (info.state == watch_state::active || info.state == watch_state::degraded)
    answer(status.id);
}

void watches_state::answer(std::uint64_t id) {
  const auto found = all.find(id);
  if (found == all.end() || !found->second.creator.pending())
    return;
  found->second.creator.deliver(found->second.info);
}

void watches_state::forget(std::uint64_t id) {
  auto gone = all.extract(id);
  if (gone.empty())
    return;
  auto& was = gone.mapped();
  if (was.creator.pending())
    was.creator.deliver(to_caf(unknown_watcher(id)));
  if (was.owner)
    return;
  for (const auto& each : followers)
    caf::anon_send(each.who, watcher_removed{id});
}

// -- REST ---------------------------------------------------------------------

watches_state::entry* watches_state::visible(std::uint64_t id,
                                             const scope_set& scopes) {
  const auto found = all.find(id);
  if (found == all.end() || found->second.owner ||
      right_on_watched(scopes, found->second.in_workspace) == right::none)
    return nullptr;
  return &found->second;
}

watcher_list watches_state::list(const scope_set& scopes) const {
  watcher_list out;
  for (const auto& [id, each] : all)
    if (!each.owner &&
        right_on_watched(scopes, each.in_workspace) != right::none)
      out.watchers.push_back(each.info);
  return out;
}

caf::result<watcher_info> watches_state::find(const find_watcher& request) {
  if (const auto* found = visible(request.id, request.scopes))
    return found->info;
  return to_caf(unknown_watcher(request.id));
}

caf::result<done> watches_state::remove(const delete_watcher& request) {
  const auto* found = visible(request.id, request.scopes);
  if (!found)
    return to_caf(unknown_watcher(request.id));
  if (right_on_watched(request.scopes, found->in_workspace) != right::use)
    return to_caf({errc::forbidden, "the credential may only read there"});
  self->demonitor(found->watch.address());
  caf::anon_send_exit(found->watch, caf::exit_reason::user_shutdown);
  forget(request.id);
  return done{};
}

// -- followers ----------------------------------------------------------------

void watches_state::follow(const follow_watchers& request) {
  followers.push_back({request.follower, request.scopes});
  self->monitor(request.follower);
  for (const auto& [id, each] : all)
    if (!each.owner &&
        right_on_watched(request.scopes, each.in_workspace) != right::none)
      caf::anon_send(request.follower, watcher_added{id, each.watch});
}

void watches_state::down(const caf::down_msg& message) {
  std::erase_if(followers, [&](const follower& each) {
    return each.who.address() == message.source;
  });
  for (const auto& [id, each] : all)
    if (each.watch.address() == message.source) {
      if (!ended_normally(message.reason)) {
        spdlog::error("watcher {}: failed: {}", id,
                      reason_text(message.reason));
        if (each.owner)
          caf::anon_send(each.owner, watch_ended{each.tag});
      }
      return forget(id);
    }
}

/// The watches end with it, and with them what they hold of the kernel.
void watches_state::quit(const caf::exit_msg& exit) {
  for (const auto& [id, each] : all)
    caf::anon_send_exit(each.watch, caf::exit_reason::user_shutdown);
  self->quit(exit.reason);
}

// -- the actor ----------------------------------------------------------------

watches_actor::behavior_type
watches(watches_actor::stateful_pointer<watches_state> self,
        std::shared_ptr<const watches_deps> deps) {
  end_on_exception(self);
  self->state.self = self;
  self->state.deps = std::move(deps);
  self->set_down_handler(
      [self](const caf::down_msg& message) { self->state.down(message); });
  self->set_exit_handler(
      [self](const caf::exit_msg& exit) { self->state.quit(exit); });
  return {
      [self](const watch_status& m) { self->state.changed(m); },
      [self](const create_watcher& m) { return self->state.create(m); },
      [self](const list_watchers& m) { return self->state.list(m.scopes); },
      [self](const find_watcher& m) { return self->state.find(m); },
      [self](const delete_watcher& m) { return self->state.remove(m); },
      [self](const watch_folder& m) { return self->state.watch_own(m); },
      [self](const follow_watchers& m) { self->state.follow(m); },
      [self](const wish_located& m) { self->state.found(m); },
      [self](const answer_creator& m) { self->state.answer(m.id); },
  };
}

} // namespace outrigger
