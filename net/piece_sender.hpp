// PIECE SENDER: an answer whose body comes in pieces. The next one is asked for
// while the last one is being written, and no more than these two are held.

#pragma once

#include <memory>

#include "net/transfer.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

enum class piece_framing : std::uint8_t {
  plain,   // the head says how long they are together, or the end ends them
  chunked, // each says how long it is
};

/// `patient_head`: the head goes out with the first piece, which is near.
/// Otherwise it goes out at once, and while a piece is waited for it is looked
/// whether the client is still there: one that has closed its side is gone.
[[nodiscard]] std::shared_ptr<transfer>
send_pieces(transfer_setup setup, std::shared_ptr<body_source> source,
            piece_framing framing, bool patient_head);

} // namespace outrigger
