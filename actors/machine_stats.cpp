#include "actors/machine_stats.hpp"

#include <utility>

namespace outrigger {
namespace {

machine_load load_between(const os::machine_reading& before,
                          const os::machine_reading& now) {
  return {os::percent_of(now.processor_busy - before.processor_busy,
                         now.processor_total - before.processor_total),
          os::percent_of(now.memory_used, now.memory_total),
          os::percent_of(now.disk_used, now.disk_total)};
}

} // namespace

void stats_state::follow(const stats_listener& listener) {
  listeners.push_back(listener);
  self->monitor(listener);
  if (!before)
    read(); // what the first interval is compared with
  plan();
}

void stats_state::plan() {
  if (!listeners.empty() && !std::exchange(planned, true))
    self->delayed_send(self, stats_interval, read_machine{});
}

/// A round that the pool does not take is left out.
void stats_state::read() {
  auto reading = std::make_shared<os::machine_reading>();
  static_cast<void>(deps->workers.run(
      [reading, deps = deps] {
        *reading = deps->probe->read(deps->files->main());
      },
      [reading, to = weak(self)] {
        send_if_alive<stats_actor>(to, machine_read{*reading});
      }));
}

void stats_state::told(const os::machine_reading& reading) {
  const auto last = std::exchange(before, reading);
  if (!last)
    return;
  const auto load = load_between(*last, reading);
  for (const auto& listener : listeners)
    caf::anon_send(listener, machine_told{load});
}

stats_actor::behavior_type
machine_stats(stats_actor::stateful_pointer<stats_state> self,
              std::shared_ptr<const stats_deps> deps) {
  end_on_exception(self);
  self->state.self = self;
  self->state.deps = std::move(deps);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& state = self->state;
    std::erase_if(state.listeners, [&](const stats_listener& each) {
      return each.address() == down.source;
    });
    if (state.listeners.empty())
      state.before.reset();
  });
  return {
      [self](const follow_stats& m) { self->state.follow(m.listener); },
      [self](read_machine) {
        self->state.planned = false;
        if (!self->state.listeners.empty())
          self->state.read();
        self->state.plan();
      },
      [self](const machine_read& m) { self->state.told(m.reading); },
  };
}

} // namespace outrigger
