// One place that turns a failure into an HTTP status and the JSON body every
// dialect's clients understand.

#pragma once

#include <cstdint>
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

/// Whose clients read the body.
enum class error_style : std::uint8_t {
  superset, // every field that any of them looks for
  runtime,  // those of /api/v1, whose `error` and `detail` are others
};

/// By the canonical path of a request, without its query.
[[nodiscard]] error_style error_style_of(std::string_view path);

/// superset: `{"success":false,"error","code","message","detail","status_code",
/// "request_id"}`, and `path` when the error is about one. `error` and
/// `message` are the sentence above.
///
/// runtime: `{"error":"HTTP Error","detail","status_code","request_id"}`. The
/// detail is the sentence, but for errors about files: `{"code","errorCode",
/// "message","details":{"path"}}`. A 401 has `error_code` and `timestamp`
/// (`unix_ms`) as well.
[[nodiscard]] std::string error_body(const error& err,
                                     std::string_view request_id,
                                     error_style style = error_style::superset,
                                     std::int64_t unix_ms = 0);

} // namespace outrigger
