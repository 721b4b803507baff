#include "actors/files/watch_desk.hpp"

#include <chrono>
#include <utility>

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr auto call_timeout = 5s;
/// A folder is looked up, on a disk that may be slow.
constexpr auto create_timeout = 30s;

auto refuse(answer_function answer) {
  return [answer = std::move(answer)](const caf::error& err) {
    answer(from_caf(err));
  };
}

auto tell_watcher(answer_function answer, unsigned status) {
  return [answer = std::move(answer), status](const watcher_info& watcher) {
    answer(rest_answer{status, watcher_to_json(watcher)});
  };
}

} // namespace

void watch_desk_state::run(const desk_call& request) {
  const auto& [call, answer] = request;
  const auto& scopes = call.who.scopes;
  const auto id = parse_watcher_id(call.id);
  switch (call.matched->id) {
  case route_id::watchers_create:
    return create(request);
  case route_id::watchers_list:
    self->request(watches, call_timeout, list_watchers{scopes})
        .then(
            [answer = answer](const watcher_list& list) {
              answer(rest_answer{200, watchers_to_json(list.watchers)});
            },
            refuse(answer));
    return;
  default:
    break;
  }
  if (id == 0)
    return answer(error{errc::not_found, "watcher not found: " + call.id});
  if (call.matched->id == route_id::watcher_show) {
    self->request(watches, call_timeout, find_watcher{id, scopes})
        .then(tell_watcher(answer, 200), refuse(answer));
  } else if (call.matched->id == route_id::watcher_delete) {
    self->request(watches, call_timeout, delete_watcher{id, scopes})
        .then(
            [answer = answer, id](done) {
              answer(rest_answer{200, watcher_deleted_to_json(id)});
            },
            refuse(answer));
  } else {
    answer(error{errc::internal, "route without a handler"});
  }
}

void watch_desk_state::create(const desk_call& request) {
  const auto& [call, answer] = request;
  auto body = parse_create_watcher(call.body);
  if (!body)
    return answer(body.error());
  watch_wish wish{std::move(body->path), path_style::machine, call.who.scopes,
                  std::move(body->excludes)};
  self->request(watches, create_timeout, create_watcher{std::move(wish)})
      .then(tell_watcher(answer, 201), refuse(answer));
}

call_actor::behavior_type
watch_desk(call_actor::stateful_pointer<watch_desk_state> self,
           watches_actor watches) {
  end_on_exception(self);
  self->state.self = self;
  self->state.watches = std::move(watches);
  return {[self](const desk_call& request) { self->state.run(request); }};
}

} // namespace outrigger
