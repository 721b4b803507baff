// Log lines on stderr in the daemon's format, one write each, at most a pipe's
// atomic size. Never terminal bytes or environment values.
#pragma once

#include <string_view>
#include <system_error>

namespace outrigger::holder {

enum class log_format { text, json };

/// For all lines from then on.
void use_log_format(log_format format) noexcept;

/// Writes the line, or drops it (of a terminal's line perhaps only the rest)
/// when stderr is full: a log that nobody reads must not stop the sessions.
void log(std::string_view line);

/// The same with ": <what the error means>".
void log(std::string_view line, const std::error_code& error);

} // namespace outrigger::holder
