#include "net/http_answer.hpp"

#include <utility>

#include "protocol/error_body.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;

/// How long a browser may go by a preflight's answer, in seconds.
constexpr const char* preflight_age = "600";

} // namespace

json_response to_response(rest_answer answer) {
  json_response out{http::int_to_status(answer.status), 11};
  out.set(http::field::content_type,
          beast::string_view{answer.type.data(), answer.type.size()});
  out.set(http::field::cache_control, "no-store");
  out.body() = std::move(answer.body);
  return out;
}

json_response to_response(const error& err, std::string_view request_id) {
  auto out = to_response({http_status(err.code), error_body(err, request_id)});
  if (err.code == errc::unauthorized)
    out.set(http::field::www_authenticate, "Bearer");
  if (err.code == errc::upgrade)
    out.set(http::field::sec_websocket_version, websocket_version);
  if (err.code == errc::method)
    out.set(http::field::allow, err.detail);
  if (err.retry_after.count() > 0)
    out.set(http::field::retry_after, std::to_string(err.retry_after.count()));
  return out;
}

json_response preflight_response() {
  json_response out{http::status::no_content, 11};
  out.set(http::field::access_control_allow_methods,
          "GET, HEAD, POST, PUT, PATCH, DELETE");
  out.set(http::field::access_control_allow_headers,
          "Authorization, Content-Type, X-API-Key, X-Internal-Token, If-Match, "
          "If-None-Match, Range");
  out.set(http::field::access_control_max_age, preflight_age);
  return out;
}

bool has_no_body(http::status status) {
  return status == http::status::no_content ||
         status == http::status::not_modified;
}

void finish_head(http::response_header<>& head, std::string_view request_id,
                 const std::string& cors_origin) {
  head.set(http::field::server, "outrigger");
  head.set("X-Content-Type-Options", "nosniff");
  head.set("Referrer-Policy", "no-referrer");
  head.set("X-Request-Id",
           beast::string_view{request_id.data(), request_id.size()});
  head.insert(http::field::vary, "Origin"); // beside Accept-Encoding
  if (!cors_origin.empty()) {
    head.set(http::field::access_control_allow_origin, cors_origin);
    head.set(http::field::access_control_expose_headers, "ETag, X-Request-Id");
  }
}

} // namespace outrigger
