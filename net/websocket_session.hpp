// One upgraded connection: frames in to its handler, frames out from its
// outbox. Lives from the upgrade until the socket has ended; owns its handler
// and is owned by its own pending operations and the server's list.

#pragma once

#include <memory>
#include <string>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/server_context.hpp"
#include "net/socket_record.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

using http_request = beast::http::request<beast::http::string_body>;

/// Answers the upgrade and serves the connection. `subprotocol` is echoed
/// unless empty. Returns the session for the server's list.
std::shared_ptr<session_base>
accept_websocket(std::shared_ptr<server_context> context, stream socket,
                 http_request upgrade, const std::string& subprotocol,
                 socket_plan plan, websocket_birth birth);

} // namespace outrigger
