#include "actors/files/files_desk.hpp"

#include <optional>
#include <utility>

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr auto sweep_interval = 1s;

} // namespace

void files_desk_state::run(const desk_call& request) {
  const auto route = file_route_of(request.call);
  if (!route.call)
    return request.answer(
        error{errc::internal, "route without a handler for files"});
  if (auto answer = serve_cached(*context, request.call))
    return request.answer(std::move(*answer));
  context->pool->run(
      route.how,
      [context = context, call = request.call,
       run = route.call](std::stop_token stop) {
        return run(*context, call, std::move(stop));
      },
      request.answer, self->clock().now(), request.call.gone);
}

/// The consumer is made on a thread, too: it looks at the target, so that what
/// is refused is refused before the body comes.
void files_desk_state::begin(const desk_upload& request) {
  const auto route = file_route_of(request.call);
  if (!route.upload)
    return request.answer(
        error{errc::internal, "route without a handler for bodies"});
  using made = result<std::unique_ptr<body_consumer>>;
  auto outcome = std::make_shared<std::optional<made>>();
  context->pool->run(
      pace::quick,
      [context = context, call = request.call, begin = route.upload,
       outcome](std::stop_token) -> result<rest_answer> {
        outcome->emplace(begin(*context, call));
        return rest_answer{};
      },
      [context = context, outcome,
       answer = request.answer](result<rest_answer> done) {
        if (!done)
          return answer(done.error());
        auto& consumer = **outcome;
        if (!consumer)
          return answer(consumer.error());
        answer(make_sink(context->pool, std::move(*consumer)));
      },
      self->clock().now());
}

void files_desk_state::sweep() {
  context->pool->sweep(self->clock().now());
  self->delayed_send(self, sweep_interval, sweep_files{});
}

files_actor::behavior_type
files_desk(files_actor::stateful_pointer<files_desk_state> self,
           std::shared_ptr<const file_context> context) {
  end_on_exception(self);
  self->state.self = self;
  self->state.context = std::move(context);
  self->delayed_send(self, sweep_interval, sweep_files{});
  return {
      [self](const desk_call& request) { self->state.run(request); },
      [self](const desk_upload& request) { self->state.begin(request); },
      [self](sweep_files) { self->state.sweep(); },
  };
}

} // namespace outrigger
