#include "actors/files/runtime_socket.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "actors/supervisor.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// "100 ms Aether/runtime".
constexpr auto window = 100ms;
constexpr auto locate_timeout = 30s;
constexpr auto retry_after = 5s;
constexpr std::size_t slice_bytes = 32 * 1024;

} // namespace

/// With everyone's rights: what this client may see is decided for each event,
/// so that it may see several folders and no other.
void runtime_socket_state::watch_all() {
  watch_folder request;
  request.wish = {"/", path_style::workspace, scope_set::everything(), {}};
  request.dialect = watch_dialect::runtime;
  request.window = window;
  request.listener = watch_listener{self};
  self->request(deps.watches, locate_timeout, std::move(request))
      .then(
          [this](const own_watch& mine) {
            watch = mine.watch;
            pull();
          },
          [this](const caf::error& err) {
            spdlog::warn("runtime socket: {}", from_caf(err).detail);
            self->delayed_send(self, retry_after, watch_workspace{});
          });
}

void runtime_socket_state::pull() {
  if (watch)
    caf::anon_send(watch, pull_events{watch_listener{self}, 0, slice_bytes});
}

void runtime_socket_state::slice(const watch_slice& slice) {
  const auto out = sink.lock();
  if (!out)
    return;
  std::vector<bytes_ptr> texts;
  for (const auto& event : slice.events) {
    const auto& [what, plain, extended] = *event;
    if (what.kind == watch_event_kind::change &&
        scopes.on_file(what.path) == right::none)
      continue;
    if (auto text = text_of(*event, *slice.of, false))
      texts.push_back(std::move(text));
  }
  queued += texts.size();
  for (auto& text : texts)
    out->send({frame_kind::text, first_event_stream, {}, std::move(text)});
  if (queued == 0)
    pull();
}

void runtime_socket_state::taken() {
  if (queued > 0 && --queued == 0)
    pull();
}

void runtime_socket_state::said(const runtime_said& frame) {
  const auto out = sink.lock();
  if (!out)
    return;
  out->consume(frame.text.size());
  send(frame.kind == frame_kind::text ? answer_runtime_message(frame.text)
                                      : runtime_error_to_json("Invalid JSON"));
}

void runtime_socket_state::send(std::string json) {
  if (const auto out = sink.lock())
    out->send({frame_kind::text, control_stream, std::move(json), nullptr});
}

runtime_socket_actor::behavior_type runtime_socket(
    runtime_socket_actor::stateful_pointer<runtime_socket_state> self,
    scope_set scopes, std::weak_ptr<frame_sink> sink,
    runtime_socket_deps deps) {
  end_on_exception(self);
  auto& state = self->state;
  state.self = self;
  state.scopes = std::move(scopes);
  state.sink = std::move(sink);
  state.deps = std::move(deps);
  state.watch_all();
  caf::anon_send(state.deps.stats, follow_stats{stats_listener{self}});
  self->attach_functor([out = state.sink](const caf::error& reason) {
    auto socket = out.lock();
    if (socket && !ended_normally(reason))
      socket->close(close_code::internal_error, "internal error");
  });
  return {
      [self](const watch_slice& m) { self->state.slice(m); },
      [self](const watch_ended&) {
        self->state.watch = watch_actor{};
        self->delayed_send(self, retry_after, watch_workspace{});
      },
      [self](const machine_told& m) {
        self->state.send(system_stats_to_json(m.load));
      },
      [self](const runtime_said& m) { self->state.said(m); },
      [self](stream_taken) { self->state.taken(); },
      [self](client_closed) { self->quit(); },
      [self](watch_workspace) { self->state.watch_all(); },
  };
}

} // namespace outrigger
