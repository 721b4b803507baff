// Log messages made safe to print: what a client sent (a path, a name) may
// hold line breaks and escape sequences, and a log must not act on them.

#pragma once

#include <string>
#include <string_view>

namespace outrigger {

/// Control characters and DEL as \xNN, so that a message is one line.
[[nodiscard]] std::string escape_controls(std::string_view message);

/// One JSON object without a line break: time, level, message.
[[nodiscard]] std::string log_line_json(std::string_view time,
                                        std::string_view level,
                                        std::string_view message);

} // namespace outrigger
