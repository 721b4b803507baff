// A WebSocket close frame written past Beast, for a connection that Beast has
// given up without a word to the peer.

#pragma once

#include <memory>

#include "net/stream.hpp"
#include "protocol/frame.hpp"

namespace outrigger {

/// Writes the frame, then says that nothing more comes. Nothing else may be
/// being written. `owner` keeps `to` alive meanwhile.
void write_raw_close(stream& to, close_code why, std::shared_ptr<void> owner);

} // namespace outrigger
