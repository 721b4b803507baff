#include "protocol/error_body.hpp"

#include "protocol/files/file_fault.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace outrigger {

namespace {

struct failure_kind {
  unsigned status;
  std::string_view name; // clients' SDKs map these to exception classes
  std::string_view sentence;
};

/// A switch without a default, so that the compiler asks for new codes.
failure_kind kind_of(errc code) {
  switch (code) {
  case errc::malformed:
    return {400, "validation_error", "the request is malformed"};
  case errc::unauthorized:
    return {401, "authentication_error", "a valid token is required"};
  case errc::forbidden:
    return {403, "forbidden", "this is not allowed"};
  case errc::not_found:
    return {404, "not_found", "there is no such thing"};
  case errc::method:
    return {405, "method_not_allowed", "method not allowed"};
  case errc::conflict:
    return {409, "conflict", "the current state forbids this"};
  case errc::terminal_limit:
    return {409, "TERMINAL_LIMIT_REACHED", "too many terminals are running"};
  case errc::upgrade:
    return {426, "upgrade_required", "this needs another protocol version"};
  case errc::too_large:
    return {413, "payload_too_large", "the request is too large"};
  case errc::unsupported:
    return {501, "not_implemented", "this is not supported"};
  case errc::unavailable:
    return {503, "service_unavailable", "temporarily unavailable: try again"};
  case errc::timeout:
    return {504, "timeout", "no answer in time"};
  case errc::too_many:
    return {429, "rate_limited", "too many requests: try again later"};
  case errc::media_type:
    return {415, "unsupported_media_type", "the body must be JSON"};
  case errc::expectation:
    return {417, "expectation_failed", "this Expect is not known"};
  case errc::precondition:
    return {412, "precondition_failed", "the condition does not hold"};
  case errc::range:
    return {416, "range_not_satisfiable", "the range cannot be served"};
  case errc::no_space:
    return {507, "insufficient_storage", "no space left on the disk"};
  case errc::internal:
    break;
  }
  return {500, "internal_error", "internal error"};
}

/// What clients of /api/v1 are told of a 401.
std::string_view runtime_name(credential_fault fault) {
  switch (fault) {
  case credential_fault::missing:
    return "MISSING_AUTH_HEADER";
  case credential_fault::empty:
    return "EMPTY_TOKEN";
  case credential_fault::expired:
    return "TOKEN_EXPIRED";
  case credential_fault::none:
    break;
  }
  return "AUTH_ERROR";
}

void write_file_detail(json::writer& out, const error& err) {
  const auto code = names_of(err.fault).runtime;
  out.open_object("detail")
      .field("code", code)
      .field("errorCode", code)
      .field("message", error_sentence(err))
      .open_object("details");
  if (!err.path.empty())
    out.field("path", err.path);
  out.close_object().close_object();
}

std::string runtime_body(const error& err, std::string_view request_id,
                         std::int64_t unix_ms) {
  json::writer out;
  out.field("error", "HTTP Error");
  if (err.fault == file_fault::none)
    out.field("detail", error_sentence(err));
  else
    write_file_detail(out, err);
  if (err.code == errc::unauthorized)
    out.field("error_code", runtime_name(err.credential))
        .field("timestamp", to_rfc3339(unix_ms));
  out.field("status_code", http_status(err.code))
      .field("request_id", request_id);
  return out.finish();
}

} // namespace

unsigned http_status(errc code) {
  return kind_of(code).status;
}

std::string_view code_name(errc code) {
  return kind_of(code).name;
}

std::string error_sentence(const error& err) {
  std::string sentence{kind_of(err.code).sentence};
  if (err.detail.empty())
    return sentence;
  // The detail of a method error is the bare list of an Allow header.
  if (err.code == errc::method)
    return sentence + "; allowed: " + err.detail;
  if (err.detail.find_first_of(" :") == std::string::npos)
    return sentence + ": " + err.detail;
  return err.detail;
}

error_style error_style_of(std::string_view path) {
  static constexpr std::string_view root = "/api/v1";
  const bool below = path.starts_with(root) &&
                     (path.size() == root.size() || path[root.size()] == '/');
  return below ? error_style::runtime : error_style::superset;
}

std::string error_body(const error& err, std::string_view request_id,
                       error_style style, std::int64_t unix_ms) {
  if (style == error_style::runtime)
    return runtime_body(err, request_id, unix_ms);
  const auto sentence = error_sentence(err);
  json::writer out;
  out.field("success", false)
      .field("error", sentence)
      .field("code", code_name(err.code))
      .field("message", sentence)
      .field("detail", err.detail)
      .field("status_code", http_status(err.code))
      .field("request_id", request_id);
  if (!err.path.empty())
    out.field("path", err.path);
  return out.finish();
}

} // namespace outrigger
