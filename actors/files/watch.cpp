#include "actors/files/watch.hpp"

#include <algorithm>
#include <utility>

#include "protocol/files/file_path.hpp"

namespace outrigger {
namespace {

using kind = watch_event_kind;

watch_event plain_event(kind what) {
  watch_event event;
  event.kind = what;
  return event;
}

/// What a listener is told that is in nobody's log.
event_ptr unlogged(watch_event event, std::uint64_t sequence) {
  event.sequence = sequence;
  return std::make_shared<const logged_event>(logged_event{std::move(event)});
}

std::string json_of(const watch_event& event, const watch_options& watch,
                    bool extended) {
  switch (watch.dialect) {
  case watch_dialect::runtime:
    return runtime_event_to_json(event);
  case watch_dialect::channel:
    return channel_event_to_json(event);
  case watch_dialect::terminals:
    break;
  }
  return watcher_event_to_json(
      event, {std::to_string(watch.id), watch.root, watch.own_id, extended});
}

} // namespace

bytes_ptr text_of(const logged_event& event, const watch_options& watch,
                  bool extended) {
  auto& text = extended ? event.extended : event.plain;
  if (!text)
    text = std::make_shared<const std::string>(
        json_of(event.event, watch, extended));
  return text->empty() ? nullptr : text;
}

// -- the folder ---------------------------------------------------------------

std::string watch_actor_state::shown(const std::string& path) const {
  return join_path(options->root, path);
}

watch_event watch_actor_state::event_of(const os::watch_degraded& part) const {
  auto event = plain_event(kind::degraded);
  event.path = shown(part.path);
  event.folders = part.folders;
  event.reason = part.reason;
  return event;
}

void watch_actor_state::told(const os::folder_news& news) {
  if (const auto* list = std::get_if<os::changes_ptr>(&news)) {
    changed(**list);
  } else if (const auto* now = std::get_if<os::watch_ready>(&news)) {
    status.degraded.clear();
    for (const auto& part : now->parts)
      status.degraded.push_back({shown(part.path), part.reason});
    status.folders = now->folders;
    status.state =
        now->parts.empty() ? watch_state::active : watch_state::degraded;
    auto event = plain_event(kind::ready);
    event.folders = now->folders;
    happened(std::move(event));
  } else if (const auto* part = std::get_if<os::watch_degraded>(&news)) {
    auto event = event_of(*part);
    if (status.state == watch_state::active)
      status.state = watch_state::degraded;
    const degraded_part known{event.path, event.reason};
    if (std::find(status.degraded.begin(), status.degraded.end(), known) ==
        status.degraded.end())
      status.degraded.push_back(known);
    happened(std::move(event));
  } else if (std::holds_alternative<os::changes_lost>(news)) {
    coalescer->clear(); // it is to be looked at anew anyway
    happened(plain_event(kind::lost));
  } else {
    coalescer->clear();
    status = {options->id, watch_state::gone, 0, {}};
    happened(plain_event(kind::gone));
  }
}

void watch_actor_state::changed(const os::folder_changes& changes) {
  std::vector<told_change> now;
  for (const auto& each : changes)
    coalescer->take(each, self->clock().now(), now);
  note(std::move(now));
  plan_end();
}

void watch_actor_state::windows_over() {
  ticking = false;
  std::vector<told_change> now;
  coalescer->end_windows(self->clock().now(), now);
  note(std::move(now));
  plan_end();
}

void watch_actor_state::plan_end() {
  const auto end = coalescer->next_end();
  if (!end || std::exchange(ticking, true))
    return;
  const auto wait = std::max(*end - self->clock().now(),
                             change_coalescer::clock::duration{0});
  self->delayed_send(self, wait, end_windows{});
}

void watch_actor_state::note(std::vector<told_change> changes) {
  if (options->counted)
    options->counted->events += changes.size();
  for (auto& each : changes) {
    watch_event event;
    event.op = each.op;
    event.is_folder = each.is_folder;
    event.path = shown(each.path);
    if (!each.other.empty())
      event.other = shown(each.other);
    log->append(std::move(event));
  }
  pump();
}

/// Something else than a change; the watch's keeper wants to know of it too.
void watch_actor_state::happened(watch_event event) {
  last_state = log->next();
  log->append(std::move(event));
  pump();
  if (options->keeper)
    send_if_alive<watch_keeper>(options->keeper, status);
}

// -- listeners ----------------------------------------------------------------

std::vector<event_ptr> watch_actor_state::state_events() const {
  const auto latest = log->next() - 1;
  if (status.state == watch_state::scanning)
    return {};
  if (status.state == watch_state::gone)
    return {unlogged(plain_event(kind::gone), latest)};
  std::vector<event_ptr> out;
  for (const auto& [path, reason] : status.degraded) {
    auto event = plain_event(kind::degraded);
    event.path = path;
    event.reason = reason;
    out.push_back(unlogged(std::move(event), latest));
  }
  auto event = plain_event(kind::ready);
  event.folders = status.folders;
  out.push_back(unlogged(std::move(event), latest));
  return out;
}

void watch_actor_state::join(const join_watch& request) {
  readers.push_back(
      {request.listener, request.tag, log->next(), state_events()});
  self->monitor(request.listener);
}

/// One of a listener's tags, or all it has.
void watch_actor_state::leave(const caf::actor_addr& who,
                              std::optional<std::uint64_t> tag) {
  const auto gone = std::erase_if(readers, [&](const reader& each) {
    return each.who.address() == who && (!tag || each.tag == *tag);
  });
  if (gone > 0 && readers.empty() && options->own)
    self->quit();
}

void watch_actor_state::pull(const pull_events& request) {
  for (auto& each : readers)
    if (each.who == request.listener && each.tag == request.tag)
      each.wants = request.bytes;
  pump();
}

/// Sends everybody who asked the next slice, and forgets what all have.
void watch_actor_state::pump() {
  auto oldest = log->next();
  for (auto& each : readers) {
    if (each.wants > 0 && (!each.news.empty() || each.next < log->next())) {
      auto events = std::exchange(each.news, {});
      if (each.next < log->first()) {
        if (each.next <= last_state)
          events = state_events();
        events.push_back(unlogged(plain_event(kind::lost), log->next() - 1));
        each.next = log->next();
        if (options->counted)
          ++options->counted->lost;
      }
      const auto more = log->from(each.next, each.wants);
      events.insert(events.end(), more.begin(), more.end());
      each.next += more.size();
      each.wants = 0;
      caf::anon_send(each.who,
                     watch_slice{each.tag, std::move(events), options});
    }
    oldest = std::min(oldest, each.next);
  }
  log->forget(oldest);
}

// -- the actor ----------------------------------------------------------------

watch_actor::behavior_type
watch(watch_actor::stateful_pointer<watch_actor_state> self,
      std::shared_ptr<const watch_options> options) {
  end_on_exception(self);
  auto& state = self->state;
  state.self = self;
  state.options = std::move(options);
  state.status.id = state.options->id;
  state.coalescer.emplace(state.options->window);
  state.log.emplace(state.options->log_limit);
  self->set_down_handler([self](const caf::down_msg& down) {
    self->state.leave(down.source, std::nullopt);
  });
  state.interest =
      state.options->begin([to = weak(self)](const os::folder_news& news) {
        send_if_alive<watch_actor>(to, folder_told{news});
      });
  return {
      [self](const join_watch& m) { self->state.join(m); },
      [self](const leave_watch& m) {
        self->state.leave(m.listener.address(), m.tag);
      },
      [self](const pull_events& m) { self->state.pull(m); },
      [self](const folder_told& m) { self->state.told(m.news); },
      [self](end_windows) { self->state.windows_over(); },
  };
}

} // namespace outrigger
