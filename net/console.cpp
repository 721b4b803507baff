#include "net/console.hpp"

#include <string>

#include "web/console_assets.hpp"

namespace outrigger {
namespace {

namespace http = boost::beast::http;

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether "q=0", "q=0.0" or the like stands among the parameters.
bool refused(std::string_view parameters) {
  const auto q = parameters.find("q=");
  return q != parameters.npos &&
         trim(parameters.substr(q + 2)).find_first_not_of("0.") ==
             parameters.npos;
}

/// Whether a comma separated header names `token` and does not refuse it.
bool accepts(std::string_view header, std::string_view token) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    const auto item = header.substr(0, comma);
    header.remove_prefix(comma == header.npos ? header.size() : comma + 1);
    const auto semicolon = item.find(';');
    if (boost::beast::iequals(trim(item.substr(0, semicolon)), token))
      return semicolon == item.npos || !refused(item.substr(semicolon));
  }
  return false;
}

/// A strong tag names bytes, so each encoding has its own: "x" and "x-br".
std::string etag_of(std::string_view quoted, std::string_view encoding) {
  if (encoding.empty())
    return std::string{quoted};
  quoted.remove_suffix(1);
  return std::string{quoted} + "-" + std::string{encoding} + "\"";
}

/// The page runs no foreign code and talks to its own origin only. xterm sets
/// style attributes, hence unsafe-inline for styles. Pictures of the workspace
/// are fetched with the token and shown from memory: blob.
constexpr std::string_view page_policy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' ws: wss:; img-src 'self' data: blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

} // namespace

bool is_asset(std::string_view path) {
  return web::find_asset(path) != nullptr;
}

asset_response serve_asset(std::string_view path,
                           std::string_view accept_encoding,
                           std::string_view if_none_match) {
  const auto* file = web::find_asset(path);
  asset_response answer{http::status::ok, 11};
  answer.set(http::field::content_type, file->content_type);
  answer.set(http::field::vary, "Accept-Encoding");
  answer.set(http::field::cache_control,
             file->immutable ? "public, max-age=31536000, immutable"
                             : "no-cache");
  answer.set("Content-Security-Policy", page_policy);
  auto bytes = file->identity;
  std::string_view encoding;
  if (!file->brotli.empty() && accepts(accept_encoding, "br")) {
    encoding = "br";
    bytes = file->brotli;
  } else if (!file->gzip.empty() && accepts(accept_encoding, "gzip")) {
    encoding = "gzip";
    bytes = file->gzip;
  }
  if (!encoding.empty())
    answer.set(http::field::content_encoding, encoding);
  const auto etag = etag_of(file->etag, encoding);
  answer.set(http::field::etag, etag);
  if (trim(if_none_match) == "*" ||
      if_none_match.find(etag) != if_none_match.npos) {
    answer.result(http::status::not_modified);
    return answer;
  }
  answer.body() = {bytes.data(), bytes.size()};
  return answer;
}

} // namespace outrigger
