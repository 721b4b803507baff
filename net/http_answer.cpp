#include "net/http_answer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "protocol/ascii.hpp"

namespace outrigger {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;

/// How long a browser may go by a preflight's answer, in seconds.
constexpr const char* preflight_age = "600";

string_view to_beast(std::string_view s) {
  return {s.data(), s.size()};
}

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

http_answer make_answer(unsigned status) {
  http_answer out;
  out.head.version(11);
  out.head.result(status);
  return out;
}

/// What is answered with this status never has a body, nor its length.
bool has_no_body(http::status status) {
  return status == http::status::no_content ||
         status == http::status::not_modified;
}

/// A value that would end its field is of nobody we know.
bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c != '\t' && ascii::is_control(c); });
}

void set_framing(http_answer& answer, bool chunks) {
  if (has_no_body(answer.head.result()))
    answer.body = std::string{};
  else if (const auto size = answer.body_size())
    answer.head.set(http::field::content_length, std::to_string(*size));
  else if (chunks)
    answer.head.set(http::field::transfer_encoding, "chunked");
}

} // namespace

std::optional<std::uint64_t> http_answer::body_size() const {
  if (const auto* file = std::get_if<file_body>(&body))
    return file->size;
  return is_streamed() ? std::nullopt
                       : std::optional<std::uint64_t>{bytes().size()};
}

std::string_view http_answer::bytes() const {
  if (const auto* own = std::get_if<std::string>(&body))
    return *own;
  const auto* fixed = std::get_if<std::string_view>(&body);
  return fixed ? *fixed : std::string_view{};
}

http_answer to_answer(rest_answer answer) {
  auto out = make_answer(answer.status);
  if (!answer.type.empty())
    out.head.set(http::field::content_type, to_beast(answer.type));
  out.head.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : answer.fields)
    if (is_value(value))
      out.head.set(to_beast(name), value);
  if (answer.file)
    out.body = std::move(*answer.file);
  else if (answer.source)
    out.body = std::move(answer.source);
  else
    out.body = std::move(answer.body);
  return out;
}

http_answer to_answer(asset_response asset) {
  http_answer out;
  const auto bytes = asset.body();
  out.head = answer_head{std::move(asset.base())};
  out.body = std::string_view{bytes.data(), bytes.size()};
  return out;
}

http_answer to_answer(const error& err, std::string_view request_id,
                      error_style style) {
  auto out = to_answer(
      {http_status(err.code), error_body(err, request_id, style, unix_ms())});
  if (err.code == errc::unauthorized)
    out.head.set(http::field::www_authenticate, "Bearer");
  if (err.code == errc::upgrade)
    out.head.set(http::field::sec_websocket_version, websocket_version);
  if (err.code == errc::method)
    out.head.set(http::field::allow, err.detail);
  if (!err.content_range.empty())
    out.head.set(http::field::content_range, err.content_range);
  if (err.retry_after.count() > 0)
    out.head.set(http::field::retry_after,
                 std::to_string(err.retry_after.count()));
  return out;
}

http_answer preflight_answer() {
  auto out = make_answer(204);
  out.head.set(http::field::access_control_allow_methods,
               "GET, HEAD, POST, PUT, PATCH, DELETE");
  out.head.set(http::field::access_control_allow_headers,
               "Authorization, Content-Type, X-API-Key, X-Internal-Token, "
               "If-Match, If-None-Match, Range");
  out.head.set(http::field::access_control_max_age, preflight_age);
  return out;
}

void finish_head(http_answer& answer, const answer_context& context) {
  auto& head = answer.head;
  head.set(http::field::server, "outrigger");
  head.set("X-Content-Type-Options", "nosniff");
  head.set("Referrer-Policy", "no-referrer");
  head.set("X-Request-Id", to_beast(context.request_id));
  head.insert(http::field::vary, "Origin"); // beside Accept-Encoding
  if (!context.cors_origin.empty()) {
    head.set(http::field::access_control_allow_origin,
             to_beast(context.cors_origin));
    head.set(http::field::access_control_expose_headers,
             "ETag, X-Request-Id, Content-Range, Accept-Ranges, "
             "Last-Modified, Content-Disposition");
  }
  head.keep_alive(!context.last);
  set_framing(answer, context.chunks);
}

std::string to_text(const answer_head& head) {
  const auto reason = head.reason();
  auto out = "HTTP/1.1 " + std::to_string(head.result_int()) + ' ';
  out.append(reason.data(), reason.size()).append("\r\n");
  for (const auto& field : head)
    out.append(field.name_string().data(), field.name_string().size())
        .append(": ")
        .append(field.value().data(), field.value().size())
        .append("\r\n");
  return out.append("\r\n");
}

} // namespace outrigger
