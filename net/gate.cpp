#include "net/gate.hpp"

#include <utility>

#include "net/console.hpp"
#include "protocol/ascii.hpp"

namespace outrigger {
namespace {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

std::string_view to_view(boost::beast::string_view s) {
  return {s.data(), s.size()};
}

template <class Name>
std::vector<std::string_view> all_of(const http_header& header, Name name) {
  std::vector<std::string_view> values;
  const auto [begin, end] = header.equal_range(name);
  for (auto it = begin; it != end; ++it)
    values.push_back(to_view(it->value()));
  return values;
}

access_request to_access(const http_header& header, const peer& from,
                         const std::vector<std::string>& query_tokens) {
  access_request request;
  request.host = all_of(header, http::field::host);
  request.origin = all_of(header, http::field::origin);
  request.authorization = all_of(header, http::field::authorization);
  request.api_key = all_of(header, "X-API-Key");
  request.internal_token = all_of(header, "X-Internal-Token");
  request.sec_fetch_site = to_view(header["Sec-Fetch-Site"]);
  request.websocket_protocol =
      all_of(header, http::field::sec_websocket_protocol);
  request.query_tokens.assign(query_tokens.begin(), query_tokens.end());
  request.local_address = from.local_address;
  request.tls = from.tls;
  request.trusted_peer = from.trusted;
  return request;
}

/// A page or a bookmark that leads here: the browser asks for a document.
bool is_navigation(const http_header& header) {
  return header.method() == http::verb::get &&
         to_view(header["Sec-Fetch-Mode"]) == "navigate";
}

/// What a browser asks before it lets a page of another origin send
/// something; it never carries a credential.
bool is_preflight(const http_header& header) {
  return header.method() == http::verb::options &&
         header.count(http::field::access_control_request_method) == 1;
}

bool is_public(const route_match& where) {
  return where.matched->needs == scope::none && !where.matched->upgrade;
}

/// Counts refusals, and remembers who shows wrong credentials.
class doorman {
public:
  doorman(server_context& context, const peer& from, moment now)
      : context_{context}, from_{from}, now_{now} {}

  error refuse(denial why, error err) {
    context_.count(why);
    return err;
  }

  /// A credential that was shown and is not good.
  error refuse_credential(const error& err) {
    if (err.code != errc::unauthorized)
      return refuse(denial::malformed, err);
    context_.offenders.failed(from_.from, now_.steady);
    if (const auto left = context_.offenders.left(from_.from, now_.steady))
      return refuse(denial::throttled,
                    {errc::too_many, "too many wrong credentials", *left});
    return refuse(denial::invalid, err);
  }

  /// Whether there is room for somebody we do not know. Their number alone
  /// keeps nobody from the page, with which an owner begins as a stranger.
  result<void> check_stranger(const principal& who, const route_match& where) {
    const auto allowed = where.matched->id == route_id::health
                             ? overload_level::critical
                         : is_public(where) ? overload_level::elevated
                                            : overload_level::ok;
    if (who.authenticated || context_.load.level() <= allowed)
      return {};
    return refuse(denial::overload, {errc::unavailable,
                                     "overloaded: only requests with a "
                                     "credential are taken",
                                     1s});
  }

private:
  server_context& context_;
  const peer& from_;
  moment now_;
};

} // namespace

std::string listed_origin(const http_header& header,
                          const access_policy& policy) {
  access_request request;
  request.origin = all_of(header, http::field::origin);
  return is_listed_origin(policy, request) ? std::string{request.origin.front()}
                                           : std::string{};
}

result<admission> admit(const http_header& header, const peer& from,
                        server_context& context, moment now) {
  doorman door{context, from, now};
  const auto& policy = context.access;
  auto target = parse_http_target(to_view(header.target()));
  if (!target)
    return door.refuse(denial::malformed, target.error());
  const auto secrets = std::exchange(target->secrets, {}); // no further
  auto request = to_access(header, from, secrets);
  admission in{std::move(*target), {}, {}, false};
  auto where =
      match_route(to_view(header.method_string()), in.target.path, is_asset);
  const bool navigation = is_navigation(header) && where && is_public(*where);
  if (auto ok = check_origin(policy, request, navigation); !ok)
    return door.refuse(check_host(policy, request) ? denial::origin
                                                   : denial::host,
                       ok.error());
  if (is_listed_origin(policy, request) && is_preflight(header)) {
    in.preflight = true;
    return in;
  }
  if (where)
    in.where = std::move(*where);
  request.path = where ? std::string_view{in.where.canonical}
                       : std::string_view{in.target.path};
  // A credential that a public route does not need is no reason to refuse.
  if (!where || !is_public(in.where)) {
    auto who = identify(policy, request, context.tickets, now);
    if (!who)
      return door.refuse_credential(who.error());
    in.who = std::move(*who);
    // Without a route the scope is unknown: only a credential is asked for.
    if (!where && !in.who.authenticated)
      return door.refuse(denial::missing, no_credential());
    if (!where)
      return where.error();
    if (auto ok = authorize(in.who, in.where); !ok)
      return door.refuse(in.who.authenticated ? denial::scope : denial::missing,
                         ok.error());
  } else if (auto ok = check_no_two_differ(policy, request); !ok) {
    return door.refuse(denial::malformed, ok.error());
  } else if (context.load.level() != overload_level::ok) {
    // Now it matters who asks. A wrong credential is as good as none.
    if (auto who = identify(policy, request, context.tickets, now))
      in.who = std::move(*who);
  }
  if (auto ok = door.check_stranger(in.who, in.where); !ok)
    return ok.error();
  return in;
}

result<void> check_load(const route& wanted, server_context& context) {
  const bool terminal = wanted.id == route_id::terminals_create;
  if ((!terminal && !wanted.streams) ||
      context.load.level() < overload_level::high)
    return {};
  context.count(denial::overload);
  return error{errc::unavailable,
               terminal ? "overloaded: no new terminals for now"
                        : "overloaded: no uploads for now",
               2s};
}

void count_refused_upgrade(const error& err, server_context& context) {
  if (err.code == errc::unauthorized)
    context.count(denial::missing);
  if (err.code == errc::forbidden)
    context.count(denial::scope);
}

} // namespace outrigger
