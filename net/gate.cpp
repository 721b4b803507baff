#include "net/gate.hpp"

#include <iterator>

#include "net/console.hpp"
#include "protocol/limits.hpp"

namespace outrigger {
namespace {

namespace http = boost::beast::http;

std::string_view to_view(boost::beast::string_view s) {
  return {s.data(), s.size()};
}

std::vector<std::string_view> all_of(const http_header& header,
                                     http::field name) {
  std::vector<std::string_view> values;
  const auto [begin, end] = header.equal_range(name);
  for (auto it = begin; it != end; ++it)
    values.push_back(to_view(it->value()));
  return values;
}

access_request to_access(const http_header& header, const peer& from,
                         const http_target& target) {
  access_request request;
  request.host = all_of(header, http::field::host);
  request.origin = all_of(header, http::field::origin);
  request.authorization = all_of(header, http::field::authorization);
  request.sec_fetch_site = to_view(header["Sec-Fetch-Site"]);
  request.websocket_protocol =
      to_view(header[http::field::sec_websocket_protocol]);
  if (target.token)
    request.query_token = *target.token;
  request.local_address = from.local_address;
  request.tls = from.tls;
  request.trusted_peer = from.trusted;
  return request;
}

/// Beast takes bodies framed in ways that a proxy before us may read
/// otherwise: refused, so that no request can hide inside another.
result<void> check_framing(const http_header& header) {
  if (std::distance(header.begin(), header.end()) >
      static_cast<std::ptrdiff_t>(limits::max_http_fields))
    return error{errc::too_large, "bad request: over 100 header fields"};
  const auto encodings = all_of(header, http::field::transfer_encoding);
  const auto lengths = all_of(header, http::field::content_length);
  const bool chunked =
      encodings.size() == 1 && header.version() == 11 &&
      boost::beast::iequals(header[http::field::transfer_encoding], "chunked");
  if (!encodings.empty() && !chunked)
    return error{errc::malformed,
                 "bad request: Transfer-Encoding other than chunked"};
  if (lengths.size() > 1 || (!lengths.empty() && !encodings.empty()) ||
      (!lengths.empty() &&
       lengths[0].find_first_not_of("0123456789") != lengths[0].npos))
    return error{errc::malformed, "bad request: Content-Length is not one "
                                  "number, or comes with Transfer-Encoding"};
  return {};
}

/// A page or a bookmark that leads here: the browser asks for a document.
bool is_navigation(const http_header& header) {
  return header.method() == http::verb::get &&
         to_view(header["Sec-Fetch-Mode"]) == "navigate";
}

} // namespace

result<admission> admit(const http_header& header, const peer& from,
                        const access_policy& policy) {
  if (auto ok = check_framing(header); !ok)
    return ok.error();
  auto target = parse_http_target(to_view(header.target()));
  if (!target)
    return target.error();
  const auto request = to_access(header, from, *target);
  if (auto ok = check_origin(policy, request, is_navigation(header)); !ok)
    return ok.error();
  auto where =
      match_route(to_view(header.method_string()), target->path, is_asset);
  if (where && where->matched->needs == scope::none && !where->matched->upgrade)
    return admission{std::move(*target), std::move(*where), {}};
  auto who = identify(policy, request);
  if (!who)
    return who.error();
  // Without a route the scope is unknown: only a credential is asked for.
  const auto needs = where ? where->matched->needs : scope::read;
  if (auto ok = authorize(*who, needs); !ok)
    return ok.error();
  if (!where)
    return where.error();
  return admission{std::move(*target), std::move(*where), std::move(*who)};
}

} // namespace outrigger
