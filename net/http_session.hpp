// One accepted connection until it is closed or upgraded: reads HTTP/1.1
// requests one after another, passes each through the gate, and answers from
// the console's files or from the endpoint.

#pragma once

#include <functional>
#include <memory>

#include "net/gate.hpp"
#include "net/server_context.hpp"

namespace outrigger {

using session_function = std::function<void(std::shared_ptr<session_base>)>;

/// Starts serving; `upgraded` is told of the WebSocket session that takes the
/// connection over, so that the server can keep track of it.
std::shared_ptr<session_base>
serve_http(std::shared_ptr<server_context> context, stream socket, peer from,
           session_function upgraded);

} // namespace outrigger
