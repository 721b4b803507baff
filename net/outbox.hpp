// OUTBOX: the frames one connection still has to send, and whose turn it is.
//
//   control stream      first, always, in order
//   terminal streams    least served first, each in its own order
//
// Part of a websocket_session, used on the loop only. A stream that was quiet
// goes before one that floods, so a keystroke's echo waits behind at most the
// frame being written. Bounded: the pull protocol keeps at most one slice of
// each terminal here; a connection that exceeds the limit all the same is to
// be closed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "protocol/frame.hpp"

namespace outrigger {

class outbox {
public:
  /// Bytes that may wait: ten terminals' slices and a generous rest for
  /// control frames.
  static constexpr std::size_t limit = 2 * 1024 * 1024;

  /// False, and the frame is not taken, when it would exceed the limit.
  [[nodiscard]] bool push(frame out);

  /// The next frame to send.
  [[nodiscard]] std::optional<frame> pop();

  [[nodiscard]] bool empty() const { return bytes_ == 0 && queues_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  /// Drops everything but control frames: before a close.
  void keep_control_only();

private:
  struct queue {
    std::deque<frame> frames;
    /// Virtual time: bytes served when this stream last had its turn.
    std::uint64_t served = 0;
  };

  std::map<stream_id, queue> queues_; // only streams with frames waiting
  std::map<stream_id, std::uint64_t> served_; // of streams served recently
  std::uint64_t now_ = 0; // the served count of the stream served last
  std::size_t bytes_ = 0;
};

} // namespace outrigger
