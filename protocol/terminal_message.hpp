// Text frames of the terminal channel on /ws, both ways, and the resume list
// of the upgrade request. JSON <-> structs; see docs/wire.md for every field.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/result.hpp"

namespace outrigger {

/// Characters across and down.
struct terminal_size {
  std::uint16_t cols = 80;
  std::uint16_t rows = 24;

  friend bool operator==(const terminal_size&, const terminal_size&) = default;
};

/// Fails with malformed unless both are at least 1 and within limits::max_*.
/// Takes wide integers so that a client's 70000 is refused, not wrapped.
[[nodiscard]] result<terminal_size> checked_size(std::int64_t cols,
                                                 std::int64_t rows);

// -- client to server ---------------------------------------------------------

struct resize_message {
  std::uint8_t id;
  terminal_size size;
};

/// Everything before `offset` was rendered. Extension.
struct ack_message {
  std::uint8_t id;
  std::uint64_t offset;
};

/// Wants this session's output, from `after` if given. Extension.
struct attach_message {
  std::uint8_t id;
  std::optional<std::uint64_t> after;
};

/// Wants no more of it. Extension.
struct detach_message {
  std::uint8_t id;
};

using terminal_message =
    std::variant<resize_message, ack_message, attach_message, detach_message>;

/// Parses a text frame. A missing channel counts as "terminal". Unknown
/// fields are ignored; an unknown channel or type, a missing or wrongly typed
/// field is malformed and the detail names it. `id` may be a JSON string or
/// number, "1" to "255".
[[nodiscard]] result<terminal_message>
parse_terminal_message(std::string_view json);

/// "1" to "255" without sign, blanks or leading zeros.
[[nodiscard]] std::optional<std::uint8_t>
parse_terminal_id(std::string_view text);

/// One session of `?after=<id>:<offset>[,…]`.
struct resume_point {
  std::uint8_t id;
  std::uint64_t offset;

  friend bool operator==(const resume_point&, const resume_point&) = default;
};

/// Parses the value of `?after=`. An empty value is an empty list; a doubled
/// id, an offset over 2^53 or any other text is malformed.
[[nodiscard]] result<std::vector<resume_point>>
parse_resume_points(std::string_view text);

// -- server to client ---------------------------------------------------------

/// How a session ended: a code as a shell reports it (128 + signal when a
/// signal killed it) and that signal, or 0.
struct terminal_exit {
  int code = 0;
  int signal = 0;

  friend bool operator==(const terminal_exit&, const terminal_exit&) = default;
};

/// Precedes a session's first byte on a connection. Extension.
struct attached_message {
  std::uint8_t id;
  std::string session;  // opaque identity, so that a reused id is noticed
  std::uint64_t offset; // of the next data byte sent
  std::uint64_t tail;   // oldest byte still kept
  std::uint64_t head;   // end of the output so far
  terminal_size size;
  bool alive = true;
};

/// Bytes [from, to) were not sent to this viewer. Extension.
struct gap_message {
  std::uint8_t id;
  std::uint64_t from;
  std::uint64_t to;
};

[[nodiscard]] std::string to_json(const attached_message& message);
[[nodiscard]] std::string to_json(const gap_message& message);

/// `{"channel":"terminal","type":"exit","id":"1","code":0}`; with `extended`
/// also `"signal":"SIGKILL"` when a signal ended it.
[[nodiscard]] std::string
exit_to_json(std::uint8_t id, const terminal_exit& exit, bool extended);

/// `{"channel":"terminal","type":"error","id"?,"code","error","message"}`.
/// For extended clients only: plain ones read no such frame.
[[nodiscard]] std::string error_to_json(std::optional<std::uint8_t> id,
                                        const error& err);

/// "SIGKILL" for 9; "SIG<n>" for one without a name.
[[nodiscard]] std::string signal_name(int signal);

} // namespace outrigger
