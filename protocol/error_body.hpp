// One place that turns a failure into an HTTP status and the JSON body every
// dialect's clients understand.

#pragma once

#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

/// The HTTP status of a failure, e.g. 404 for not_found.
[[nodiscard]] unsigned http_status(errc code);

/// The stable machine-readable name: "not_found", "TERMINAL_LIMIT_REACHED", …
[[nodiscard]] std::string_view code_name(errc code);

/// What a person is told: the detail, or what the code means, always with a
/// space or a colon in it, so that no SDK takes it for a code.
[[nodiscard]] std::string error_sentence(const error& err);

/// `{"success":false,"error","code","message","detail","status_code",
/// "request_id"}`. `error` and `message` are the sentence above.
[[nodiscard]] std::string error_body(const error& err,
                                     std::string_view request_id);

} // namespace outrigger
