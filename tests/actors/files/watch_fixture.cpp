#include "tests/actors/files/watch_fixture.hpp"

#include <algorithm>

namespace outrigger {
namespace {

watcher_follower::behavior_type
recording_listener(watcher_follower::pointer /*self*/,
                   std::shared_ptr<told_slices> seen) {
  return {
      [seen](const watch_slice& m) { seen->slices.push_back(m); },
      [seen](const watch_ended& m) { seen->ended.push_back(m.tag); },
      [seen](const watcher_added& m) { seen->added.push_back(m); },
      [seen](const watcher_removed& m) { seen->removed.push_back(m.id); },
  };
}

std::string text_of(const watch_event& event) {
  static const std::string ops[] = {"create ", "write ", "remove ", "rename "};
  static const std::string kinds[] = {"change", "ready", "lost", "degraded",
                                      "gone"};
  if (event.kind == watch_event_kind::change)
    return ops[static_cast<int>(event.op)] + event.path;
  return kinds[static_cast<int>(event.kind)];
}

} // namespace

std::vector<watch_event> told_slices::events() const {
  std::vector<watch_event> out;
  for (const auto& slice : slices)
    for (const auto& each : slice.events)
      out.push_back(each->event);
  return out;
}

std::vector<std::string> told_slices::told() const {
  std::vector<std::string> out;
  for (const auto& each : events())
    out.push_back(text_of(each));
  return out;
}

bool told_slices::was_told(const std::string& what) const {
  const auto all = told();
  return std::find(all.begin(), all.end(), what) != all.end();
}

watch_listening::listener watch_listening::listen() {
  listener out;
  out.actor = keep(system.spawn(recording_listener, out.seen));
  return out;
}

void watch_listening::join(const watch_actor& watch, const listener& who,
                           std::uint64_t tag) {
  send(watch, join_watch{watch_listener{who.actor}, tag});
  run();
}

void watch_listening::pull(const watch_actor& watch, const listener& who,
                           std::size_t bytes, std::uint64_t tag) {
  send(watch, pull_events{watch_listener{who.actor}, tag, bytes});
  run();
}

} // namespace outrigger
