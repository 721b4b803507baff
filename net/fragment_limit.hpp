// How many frames a WebSocket message may come in, counted from the bytes as
// they are read: Beast keeps pieces without a payload to itself.

#pragma once

#include <string_view>

#include "net/stream.hpp"
#include "protocol/fragment_meter.hpp"

namespace outrigger {

/// From now on a read that makes a message of more than `most` frames fails
/// with message_size. `meter` must live as long as the stream.
inline void limit_fragments(stream& from, fragment_meter& meter,
                            std::size_t most) {
  from.watch_reads([&meter, most](std::string_view bytes) {
    meter.feed(bytes);
    return meter.most() > most ? error_code{asio::error::message_size}
                               : error_code{};
  });
}

} // namespace outrigger
