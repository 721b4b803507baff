// The half of the access decision that needs no credential: which host was
// meant, and which page asks.

#include <algorithm>

#include "protocol/access.hpp"
#include "protocol/ascii.hpp"
#include "protocol/ip_literal.hpp"

namespace outrigger {

namespace {

/// "host[:port]" of a Host field or an origin.
struct authority {
  std::string host; // lower-case name or address, without brackets
  std::optional<ip_literal> ip;
  std::optional<std::uint16_t> port;
};

bool is_host_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return ascii::is_letter(c) || ascii::is_digit(c) || c == '-' || c == '.' ||
           c == '_';
  });
}

/// Only plain forms: with user information, a path or anything else that two
/// readers might read differently there is no authority.
std::optional<authority> parse_authority(std::string_view text) {
  authority out;
  auto rest = text;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos)
      return std::nullopt;
    out.host = ascii::lower(text.substr(1, close - 1));
    out.ip = parse_ipv6(out.host);
    if (!out.ip)
      return std::nullopt;
    rest = text.substr(close + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    out.host = ascii::lower(text.substr(0, colon));
    if (!is_host_name(out.host))
      return std::nullopt;
    out.ip = parse_ipv4(out.host);
    rest = text.substr(colon);
  }
  if (rest.empty())
    return out;
  out.port = ascii::parse_decimal<std::uint16_t>(rest.substr(1));
  if (rest.front() != ':' || !out.port)
    return std::nullopt;
  return out;
}

/// A numeric address as sockets print it: no brackets, maybe with a zone.
std::optional<ip_literal> parse_numeric(std::string_view text) {
  text = text.substr(0, text.find('%'));
  return text.find(':') == std::string_view::npos ? parse_ipv4(text)
                                                  : parse_ipv6(text);
}

bool is_accepted_host(const access_policy& policy,
                      const access_request& request, const authority& named) {
  if (named.host == "localhost")
    return true;
  if (named.ip && (named.ip->is_loopback() ||
                   named.ip == parse_numeric(request.local_address)))
    return true;
  return std::any_of(policy.hosts.begin(), policy.hosts.end(),
                     [&](const std::string& allowed) {
                       return allowed == named.host ||
                              (named.ip && named.ip == parse_numeric(allowed));
                     });
}

bool is_own_origin(const access_policy& policy, const access_request& request,
                   const authority& host, std::string_view origin) {
  const std::string_view scheme = request.tls ? "https://" : "http://";
  const std::uint16_t usual_port = request.tls ? 443 : 80;
  if (origin.substr(0, scheme.size()) != scheme)
    return false;
  const auto from = parse_authority(origin.substr(scheme.size()));
  return from && is_accepted_host(policy, request, *from) &&
         from->port.value_or(usual_port) == host.port.value_or(usual_port);
}

bool is_allowed_origin(const access_policy& policy,
                       const access_request& request, const authority& host,
                       std::string_view origin) {
  if (origin == "null") // what every sandboxed page calls itself
    return false;
  return is_listed_origin(policy, request) ||
         is_own_origin(policy, request, host, origin);
}

} // namespace

result<void> check_host(const access_policy& policy,
                        const access_request& request) {
  if (request.host.size() != 1)
    return error{errc::malformed, "exactly one Host field is required"};
  const auto host = parse_authority(request.host.front());
  if (!host || !is_accepted_host(policy, request, *host))
    return error{errc::forbidden, "this Host is not allowed"};
  return {};
}

result<void> check_origin(const access_policy& policy,
                          const access_request& request, bool navigation) {
  if (auto ok = check_host(policy, request); !ok)
    return ok.error();
  if (request.origin.size() > 1)
    return error{errc::forbidden, "more than one Origin"};
  if (request.origin.size() == 1) {
    const auto host = parse_authority(request.host.front());
    if (is_allowed_origin(policy, request, *host, request.origin.front()))
      return {};
    return error{errc::forbidden, "this Origin is not allowed"};
  }
  if (!navigation &&
      ascii::equal_ignoring_case(request.sec_fetch_site, "cross-site"))
    return error{errc::forbidden, "cross-site requests are not allowed"};
  return {};
}

bool is_listed_origin(const access_policy& policy,
                      const access_request& request) {
  return request.origin.size() == 1 &&
         std::find(policy.origins.begin(), policy.origins.end(),
                   request.origin.front()) != policy.origins.end();
}

} // namespace outrigger
