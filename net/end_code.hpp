// The close code that a WebSocket's end counts as, by what ended it.

#pragma once

#include <cstdint>

#include <boost/beast/core/error.hpp>

namespace outrigger {

/// What RFC 6455 keeps for an end without a close frame.
inline constexpr std::uint16_t no_close_frame = 1006;

/// `failed` is what reading or writing came to, `peer_code` the code of the
/// peer's close frame, 0 without one. Where Beast closes by itself because of
/// what the peer sent, the code it sends.
[[nodiscard]] std::uint16_t end_code(const boost::beast::error_code& failed,
                                     std::uint16_t peer_code);

} // namespace outrigger
