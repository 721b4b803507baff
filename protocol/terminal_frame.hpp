// Binary terminal frames: one id byte, then raw terminal bytes.
//
//   client -> server   [id][stdin bytes]
//   server -> client   [id][stdout bytes]
//
// Pure functions over memory: no sockets, no actors, no clock.

#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

struct terminal_frame {
  std::uint8_t id;
  std::string_view data; // borrows the buffer passed to parse
};

/// Splits a binary WebSocket message. An empty message is malformed, one over
/// limits::max_message too large, id 0 malformed; an id with no data is valid
/// and carries zero bytes.
[[nodiscard]] result<terminal_frame>
parse_terminal_frame(std::string_view bytes);

} // namespace outrigger
