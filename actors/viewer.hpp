// VIEWER: whoever watches a terminal, as the terminal sees it. Connections
// are viewers; so is anything else that wants a session's output.
//
//   terminal ── viewer_attached, then output_slice / output_gap in stream
//               order, at last viewer_exit ──► viewer
//   terminal ── input_taken, resize_refused ──► viewer
//
// A terminal sends one output_slice for each pull_output, so a viewer decides
// its own pace and never holds more than one slice of a terminal.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "actors/caf.hpp"
#include "protocol/frame.hpp"
#include "protocol/terminal_message.hpp"

namespace outrigger {

/// The terminal has added the viewer; output follows from `offset` on.
struct viewer_attached {
  std::uint8_t id = 0;
  std::uint64_t key = 0; // the session's identity
  std::uint64_t offset = 0;
  std::uint64_t tail = 0;
  std::uint64_t head = 0;
  terminal_size size;
  bool alive = true;
};

/// The attach was refused: the offset asked for was never printed.
struct viewer_refused {
  std::uint8_t id = 0;
  error why;
};

/// Output [offset, offset + bytes->size()).
struct output_slice {
  std::uint8_t id = 0;
  std::uint64_t offset = 0;
  bytes_ptr bytes; // never null or empty
};

/// Bytes [from, to) are gone for this viewer; the next slice begins at `to`.
struct output_gap {
  std::uint8_t id = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

/// The session has ended and this viewer has all of its output.
struct viewer_exit {
  std::uint8_t id = 0;
  terminal_exit exit;
  std::string reason; // why the session was lost; empty for a normal end
};

/// The chunk given by terminal_input was taken; the next may be sent.
struct input_taken {
  std::uint8_t id = 0;
  std::size_t bytes = 0;
};

/// The window size given by viewer_resize was not applied.
struct resize_refused {
  std::uint8_t id = 0;
  error why;
};

using viewer_actor =
    caf::typed_actor<caf::reacts_to<viewer_attached>,
                     caf::reacts_to<viewer_refused>,
                     caf::reacts_to<output_slice>, caf::reacts_to<output_gap>,
                     caf::reacts_to<viewer_exit>, caf::reacts_to<input_taken>,
                     caf::reacts_to<resize_refused>>;

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::viewer_attached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::viewer_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::output_slice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::output_gap)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::viewer_exit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::input_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::resize_refused)
