// What a request must be to become a WebSocket. Beast would refuse the same,
// but not in our words.

#pragma once

#include <string_view>

#include "net/request_reader.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// Malformed says what is missing; upgrade (426) asks for another version.
[[nodiscard]] result<void> check_handshake(const http_request& upgrade,
                                           std::string_view path);

} // namespace outrigger
