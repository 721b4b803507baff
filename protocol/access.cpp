#include "protocol/access.hpp"

#include <algorithm>

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
  return std::find(policy.origins.begin(), policy.origins.end(), origin) !=
             policy.origins.end() ||
         is_own_origin(policy, request, host, origin);
}

/// What a request says about itself: views of tokens, none of them checked.
struct credentials {
  std::vector<std::string_view> tokens;
  bool unreadable = false; // a carrier is there, but no token in it
};

void add_authorization(credentials& out, std::string_view field) {
  const auto value = ascii::trim(field);
  const auto blank = std::min(value.find(' '), value.size());
  const auto token = ascii::trim(value.substr(blank));
  if (!ascii::equal_ignoring_case(value.substr(0, blank), "bearer") ||
      token.empty() || token.find_first_of(" \t") != std::string_view::npos)
    out.unreadable = true;
  else
    out.tokens.push_back(token);
}

/// The elements of a comma-separated list field, without empty ones.
std::vector<std::string_view> list_elements(std::string_view field) {
  std::vector<std::string_view> out;
  for (const auto piece : ascii::split(field, ','))
    if (const auto element = ascii::trim(piece); !element.empty())
      out.push_back(element);
  return out;
}

credentials collect(const access_request& request) {
  credentials out;
  for (const auto field : request.authorization)
    add_authorization(out, field);
  if (request.query_token)
    out.tokens.push_back(*request.query_token);
  const auto offers = list_elements(request.websocket_protocol);
  if (!offers.empty() && offers[0] == "Bearer") {
    if (offers.size() > 1)
      out.tokens.push_back(offers[1]);
    else
      out.unreadable = true;
  }
  return out;
}

} // namespace

result<void> check_origin(const access_policy& policy,
                          const access_request& request, bool navigation) {
  if (request.host.size() != 1)
    return error{errc::malformed, "exactly one Host field is required"};
  const auto host = parse_authority(request.host.front());
  if (!host || !is_accepted_host(policy, request, *host))
    return error{errc::forbidden, "this Host is not allowed"};
  if (request.origin.size() > 1)
    return error{errc::forbidden, "more than one Origin"};
  if (request.origin.size() == 1) {
    if (is_allowed_origin(policy, request, *host, request.origin.front()))
      return {};
    return error{errc::forbidden, "this Origin is not allowed"};
  }
  if (!navigation &&
      ascii::equal_ignoring_case(request.sec_fetch_site, "cross-site"))
    return error{errc::forbidden, "cross-site requests are not allowed"};
  return {};
}

result<principal> identify(const access_policy& policy,
                           const access_request& request) {
  if (!policy.auth)
    return principal{true, "no-auth"};
  if (request.trusted_peer)
    return principal{true, "local", true};

  const auto found = collect(request);
  const auto differs = [&](std::string_view token) {
    return !equal_secret(token, found.tokens.front());
  };
  if (std::any_of(found.tokens.begin(), found.tokens.end(), differs))
    return error{errc::malformed, "two different tokens in one request"};
  if (found.unreadable)
    return error{errc::unauthorized, "the credential is not a bearer token"};
  if (found.tokens.empty())
    return principal{};
  // An empty token in the policy would be matched by an empty `?token=`.
  if (policy.token.empty() || !equal_secret(found.tokens.front(), policy.token))
    return error{errc::unauthorized, "the token is not valid"};
  return principal{true, "token", true};
}

result<void> authorize(const principal& who, scope needs) {
  // The one token, the local user and --no-auth hold every scope.
  if (needs == scope::none || who.authenticated)
    return {};
  return error{errc::unauthorized, "a token is required"};
}

std::string_view first_subprotocol(std::string_view offers) {
  const auto elements = list_elements(offers);
  return elements.empty() ? std::string_view{} : elements.front();
}

bool equal_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  // volatile: the compiler may not leave the loop at the first difference.
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(
        difference |
        (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  return difference == 0;
}

} // namespace outrigger
