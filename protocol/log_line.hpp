// Log lines as they are printed, as text and as JSON. What a client sent (a
// path, a name) may hold line breaks and escape sequences, and a log must not
// act on them.

#pragma once

#include <string>
#include <string_view>

namespace outrigger {

/// Control characters (C0, DEL, C1) and bytes that are not UTF-8 as \xNN, so
/// that a message is one line of text.
[[nodiscard]] std::string escape_controls(std::string_view message);

/// `2026-01-31T12:00:00.123Z info     terminal 3: …, request_id 2a`: time,
/// tag (the level, or the name of another log than the daemon's), message and
/// fields; see log_fields.hpp for the payload.
[[nodiscard]] std::string log_line_text(std::string_view time,
                                        std::string_view tag,
                                        std::string_view payload);

/// One JSON object without a line break: time, level, logger unless empty,
/// message, and the payload's fields.
[[nodiscard]] std::string log_line_json(std::string_view time,
                                        std::string_view level,
                                        std::string_view logger,
                                        std::string_view payload);

} // namespace outrigger
