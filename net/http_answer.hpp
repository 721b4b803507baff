// What every HTTP answer of the daemon carries besides its body: the fields
// that keep browsers from doing more with it than they should, and those that
// belong to a status.

#pragma once

#include <string>
#include <string_view>

#include "net/http_writer.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// The only version of WebSocket there is: RFC 6455.
inline constexpr const char* websocket_version = "13";

[[nodiscard]] json_response to_response(rest_answer answer);

/// A failure, with the fields its status asks for.
[[nodiscard]] json_response to_response(const error& err,
                                        std::string_view request_id);

/// To a browser's preflight: what a page of a listed origin may send.
[[nodiscard]] json_response preflight_response();

/// What is answered with this status never has a body, nor its length.
[[nodiscard]] bool has_no_body(beast::http::status status);

/// Sets the fields of every answer. `cors_origin` may read it; empty: nobody
/// but our own page.
void finish_head(beast::http::response_header<>& head,
                 std::string_view request_id, const std::string& cors_origin);

} // namespace outrigger
