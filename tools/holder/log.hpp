// Log lines on stderr, one write each, at most a pipe's atomic size. Never
// terminal bytes or environment values.
#pragma once

#include <string_view>
#include <system_error>

namespace outrigger::holder {

/// Writes "outrigger-holder: <line>\n", or drops it (of a terminal's line
/// perhaps only the rest) when stderr is full: a log that nobody reads must
/// not stop the sessions.
void log(std::string_view line) noexcept;

/// The same with ": <what the error means>".
void log(std::string_view line, const std::error_code& error);

} // namespace outrigger::holder
