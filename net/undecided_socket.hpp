// A socket on /ws that came without a credential or without a sign of its
// dialect. It hears nothing until its first frame decides:
//
//   no-auth mode   binary, or text with a `channel`   → terminals dialect
//   auth on        `{"command":"authenticate",…}`     → computer dialect
//
// With auth on it has limits::authenticate_timeout for one small frame.

#pragma once

#include <chrono>
#include <memory>

#include "net/stream.hpp"
#include "protocol/access.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

/// `open_terminals` makes the handler once the terminals dialect is chosen,
/// `check` judges the credential of a computer client, which has to come
/// within `patience`.
[[nodiscard]] std::unique_ptr<frame_handler> undecided_socket(
    asio::io_context& loop, const principal& who,
    std::weak_ptr<frame_sink> sink, socket_opener open_terminals,
    credential_check check,
    std::chrono::milliseconds patience = limits::authenticate_timeout);

} // namespace outrigger
