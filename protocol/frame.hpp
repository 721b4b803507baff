// The two ends of one upgraded connection, seen from each other: what the
// socket reads goes to a frame_handler, what actors write goes to a
// frame_sink. Both live here so that net/ and actors/ need not include each
// other.
//
//   socket ── websocket_session ── frame_handler ──► connection actor
//                    ▲                                     │
//                    └──────────── frame_sink ◄────────────┘

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace outrigger {

/// Bytes shared by any number of readers, never changed after creation.
using bytes_ptr = std::shared_ptr<const std::string>;

enum class frame_kind : std::uint8_t { text, binary };

/// Names the queue a frame waits in: 0 is control (sent before any data), each
/// other value is one terminal. Order holds within a stream only.
using stream_id = std::uint64_t;
inline constexpr stream_id control_stream = 0;
/// From here on: streams of events, whose every frame is told when it leaves.
inline constexpr stream_id first_event_stream = 256;

/// One outgoing WebSocket message: `head` followed by `body`. The head is
/// what belongs to this connection alone (an id byte, a whole text frame);
/// the body may be shared between connections and may be null.
struct frame {
  frame_kind kind = frame_kind::binary;
  stream_id stream = control_stream;
  std::string head;
  bytes_ptr body;

  [[nodiscard]] std::size_t size() const {
    return head.size() + (body ? body->size() : 0);
  }
};

/// Whether the handler is told that the frame has left.
[[nodiscard]] inline bool is_told(const frame& out) {
  return out.stream >= first_event_stream ||
         (out.stream != control_stream && out.kind == frame_kind::binary);
}

/// WebSocket close codes the daemon sends (RFC 6455 §7.4, and 4401).
enum class close_code : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  invalid_data = 1007,
  policy_violation = 1008,
  too_big = 1009,
  internal_error = 1011,
  try_again_later = 1013,
  unauthorized = 4401,
};

/// Where actors put what a client is to receive. Callable from the loop
/// thread only. Calls on a connection that has ended do nothing.
class frame_sink {
public:
  virtual ~frame_sink() = default;

  /// Queues a message. The queue is bounded; see net/outbox.hpp.
  virtual void send(frame out) = 0;

  /// The handler is done with `bytes` of what on_frame() gave it. The socket
  /// is read only while less than limits::read_window is not yet consumed.
  virtual void consume(std::size_t bytes) = 0;

  /// Whether memory is short: what is sent should come in small pieces.
  [[nodiscard]] virtual bool is_pressed() const { return false; }

  /// Sends what is queued on the control stream, then a close frame.
  virtual void close(close_code code, std::string_view reason) = 0;
};

/// What a socket tells its owner. Called on the loop thread, on_taken() also
/// from within sink.send(): implementations pass the news on as a message.
class frame_handler {
public:
  virtual ~frame_handler() = default;

  /// A whole inbound message. The owner must sink.consume() its size sooner
  /// or later, or nothing more is read.
  virtual void on_frame(frame_kind kind, std::string bytes) = 0;

  /// A frame of this stream left the queue for the socket: there is room for
  /// the stream's next one. Of terminals, only binary frames are told.
  virtual void on_taken(stream_id stream) = 0;

  /// Tokens were revoked or replaced: the owner looks whether its own counts.
  virtual void on_access_changed() {}

  /// The connection has ended, for whatever reason. Called exactly once, last.
  virtual void on_closed() = 0;
};

} // namespace outrigger
