// RUNTIME SOCKET: one upgraded socket of the runtime API (/api/v1/ws).
//
//   watch ── watch_slice ──► socket ── file_changed ──► frame_sink
//   machine stats ── machine_told ──► socket ── system_stats ──► frame_sink
//   bridge ── runtime_said ──► socket ── an answer ──► frame_sink
//
// Lives as long as its socket. Is told of every change in the workspace, and
// passes on those its credential lets it see.

#pragma once

#include <memory>
#include <string>

#include "actors/connection.hpp"
#include "actors/files/watches.hpp"
#include "actors/machine_stats.hpp"
#include "protocol/frame.hpp"

namespace outrigger {

/// A frame from the client.
struct runtime_said {
  frame_kind kind = frame_kind::text;
  std::string text;
};

/// INTERNAL: watches the workspace, if it does not yet.
struct watch_workspace {};

using runtime_socket_actor =
    watch_listener::extend_with<stats_listener>::extend<
        caf::reacts_to<runtime_said>, caf::reacts_to<stream_taken>,
        caf::reacts_to<client_closed>, caf::reacts_to<watch_workspace>>;

struct runtime_socket_deps {
  watches_actor watches;
  stats_actor stats;
};

struct runtime_socket_state {
  static inline const char* name = "runtime socket";

  runtime_socket_actor::pointer self = nullptr;
  runtime_socket_deps deps;
  scope_set scopes;
  std::weak_ptr<frame_sink> sink;
  watch_actor watch;      // none: not yet, or no longer
  std::size_t queued = 0; // events that wait for the socket

  void watch_all();
  void pull();
  void slice(const watch_slice& slice);
  void taken();
  void said(const runtime_said& frame);
  void send(std::string json);
};

runtime_socket_actor::behavior_type runtime_socket(
    runtime_socket_actor::stateful_pointer<runtime_socket_state> self,
    scope_set scopes, std::weak_ptr<frame_sink> sink, runtime_socket_deps deps);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::runtime_said)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watch_workspace)
