// What a request must be to become a WebSocket, and how it becomes one. Beast
// would refuse the same, but not in our words.

#pragma once

#include <memory>
#include <string_view>

#include "net/http_exchange.hpp"
#include "net/request_reader.hpp"
#include "net/server_context.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// Malformed says what is missing; upgrade (426) asks for another version.
[[nodiscard]] result<void> check_handshake(const http_request& upgrade,
                                           std::string_view path);

/// Takes the connection over, whose last request `upgrade` is, for what `plan`
/// opens.
[[nodiscard]] std::shared_ptr<session_base>
open_websocket(const std::shared_ptr<server_context>& context, stream socket,
               const peer& from, http_exchange upgrade, socket_plan plan);

} // namespace outrigger
