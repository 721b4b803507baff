// One accepted connection until it is closed or upgraded: reads HTTP/1.1
// requests one after another, passes each through the gate, and answers from
// the console's files or from the endpoint.

#pragma once

#include <memory>

#include "net/gate.hpp"
#include "net/server.hpp"

namespace outrigger {

/// Starts serving; `upgraded` is told of the WebSocket session that takes the
/// connection over, so that the server can keep track of it.
std::shared_ptr<session_base>
serve_http(std::shared_ptr<server_context> context, stream socket, peer from,
           std::function<void(std::shared_ptr<session_base>)> upgraded);

} // namespace outrigger
