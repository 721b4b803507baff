#include "tests/support/fake_holder.hpp"

namespace outrigger {
namespace {

spawned_session spawn_now(held_sessions& held,
                          const os::spawn_request& request) {
  fake_session_options options;
  options.key = ++held.last_key;
  options.capacity = request.ring_capacity;
  options.tag = request.tag;
  options.cols = request.cols;
  options.rows = request.rows;
  options.input = held.input;
  options.paced = request.paced;
  options.pipes = request.kind == os::session_kind::pipes;
  options.created_unix_ms += static_cast<std::int64_t>(options.key);
  return {held.add(std::move(options)).get()};
}

caf::result<spawned_session> spawn(holder_actor::pointer self,
                                   held_sessions& held,
                                   const os::spawn_request& request) {
  held.spawned.push_back(request);
  if (held.hold_spawns) {
    auto promise = self->make_response_promise<spawned_session>();
    held.waiting.emplace_back(promise, request);
    return promise;
  }
  if (held.refusal)
    return to_caf(*held.refusal);
  return spawn_now(held, request);
}

caf::result<done> note(held_sessions& held, std::vector<std::uint64_t>& list,
                       std::uint64_t key) {
  list.push_back(key);
  if (held.refusal)
    return to_caf(*held.refusal);
  return done{};
}

listed_sessions list(const held_sessions& held) {
  listed_sessions all;
  for (const auto& [key, session] : held.sessions)
    all.sessions.push_back(session.get());
  return all;
}

void release(held_sessions& held) {
  for (auto& [promise, request] : std::exchange(held.waiting, {})) {
    if (held.refusal)
      promise.deliver(to_caf(*held.refusal));
    else
      promise.deliver(spawn_now(held, request));
  }
}

} // namespace

fake_session& held_sessions::add(fake_session_options options) {
  const auto key = options.key;
  last_key = std::max(last_key, key);
  return sessions.try_emplace(key, loop, std::move(options)).first->second;
}

holder_actor::behavior_type fake_holder(holder_actor::pointer self,
                                        std::shared_ptr<held_sessions> held) {
  end_on_exception(self);
  return {
      [self, held](const spawn_session& r) {
        return spawn(self, *held, r.request);
      },
      [held](end_session r) { return note(*held, held->asked_to_end, r.key); },
      [held](forget_session r) -> caf::result<done> {
        if (held->busy.contains(r.key))
          return to_caf({errc::internal, "forget session: busy"});
        return note(*held, held->forgotten, r.key);
      },
      [held](list_sessions) -> caf::result<listed_sessions> {
        if (held->refusal)
          return to_caf(*held->refusal);
        return list(*held);
      },
      [held](is_holder_alive) { return !held->refusal; },
      [held](const subscribe_sessions& r) { held->listener = r.listener; },
      [](session_ended) {},
      [](const client_lost&) {},
      [held](restart_holder) { release(*held); },
      [](const holder_started&) {},
      [](probe_holder) {},
      [](holder_probed) {},
  };
}

} // namespace outrigger
