// A live socket whose credential can expire or be revoked: the socket's
// handler, with a watch in front of it.
//
//   frame ─► guarded socket ─┬─ channel "auth": a fresh token ─► judged here
//                            └─ anything else ─► the dialect's own handler
//
// When the credential has expired the client is told, and has
// limits::auth_grace to show another; then the socket is closed with 4401. One
// that was revoked closes it at once. What runs behind the socket runs on.

#pragma once

#include <chrono>

#include "net/gate.hpp"
#include "net/server_context.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

/// Puts the watch in front of what `plan` opens, when `who` came by a
/// credential; otherwise there is nothing to watch. `context` outlives it.
void guard_socket(server_context& context, const peer& from,
                  const principal& who, socket_plan& plan,
                  std::chrono::milliseconds grace = limits::auth_grace);

/// Judges what a socket shows after its upgrade, and remembers who shows
/// something wrong.
[[nodiscard]] credential_check
check_credential(const std::shared_ptr<server_context>& context,
                 const peer& from);

} // namespace outrigger
