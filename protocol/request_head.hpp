// The head of an HTTP request as raw bytes, judged before any parser sees it:
// everything that two readers might read differently is refused, so that no
// request can hide inside another.
//
//   bytes ─► find_head_end ─► check_request_head ─► Beast's parser
//
// Pure functions over memory.

#pragma once

#include <cstddef>
#include <string_view>

#include "protocol/limits.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// Looks for the empty line that ends a head; the bytes before `from` were
/// looked at by an earlier call. Returns the size of the head with that line,
/// or 0 while it is not there. Malformed: a line that does not end with CRLF,
/// an empty line first. Too large: over `edge_limits::max_header`.
[[nodiscard]] result<std::size_t>
find_head_end(std::string_view bytes, std::size_t from,
              const limits::edge_limits& limits);

/// Judges a whole head, as find_head_end() delimits it.
/// Malformed: a request line that is not `METHOD SP TARGET SP HTTP/1.x`, any
/// control character but a tab in a value, a folded line, a field name that is
/// not a token or is followed by a blank; a Transfer-Encoding that is not
/// exactly one `chunked` of HTTP/1.1; a Content-Length that is not one plain
/// number, or comes with Transfer-Encoding; an Upgrade to anything but
/// websocket; a Connection that is no list of tokens. Too large: too many
/// fields. Expectation: an Expect other than 100-continue.
[[nodiscard]] result<void>
check_request_head(std::string_view head, const limits::edge_limits& limits);

/// Whether a Content-Type is JSON's: "application/json", with or without
/// parameters.
[[nodiscard]] bool is_json_type(std::string_view content_type);

} // namespace outrigger
