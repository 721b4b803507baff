// GATE: in front of every route and every upgrade, the same for all. Reads
// the few header fields that decide about access, strips the secrets, and
// answers who is asking, or why not. Counts every refusal.

#pragma once

#include <string>

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include "net/server_context.hpp"
#include "net/source.hpp"
#include "protocol/http_target.hpp"
#include "protocol/result.hpp"
#include "protocol/routes.hpp"

namespace outrigger {

using http_header = boost::beast::http::request_header<>;

/// Where a connection comes from.
struct peer {
  std::string local_address; // numeric; empty for a unix socket
  source from;               // see to_source(); empty for a peer we trust
  bool tls = false;
  bool trusted = false; // a unix socket of our own uid
};

/// A request that may be run.
struct admission {
  http_target target;
  route_match where; // nothing for a preflight
  principal who;
  bool preflight = false; // a browser asks what a listed origin may send
};

/// The Origin of a request when it is a listed one, or empty: such a page may
/// read the answer, also why it is refused.
[[nodiscard]] std::string listed_origin(const http_header& header,
                                        const access_policy& policy);

/// Host, Origin, Sec-Fetch-Site, then the route, then credential and scope.
/// Strangers learn of a route's existence only what its absence of a page
/// tells them: 401 comes before 404 for everything but public routes.
/// A source with too many wrong credentials is told 429, and under overload
/// strangers are told 503; neither concerns right credentials.
[[nodiscard]] result<admission> admit(const http_header& header,
                                      const peer& from, server_context& context,
                                      moment now);

/// Whether the load leaves room for what a let-in request asks: a new terminal,
/// a body of any size. What is asked of less is always run.
[[nodiscard]] result<void> check_load(const route& wanted,
                                      server_context& context);

/// Counts an upgrade that the endpoint refused for its credential.
void count_refused_upgrade(const error& err, server_context& context);

} // namespace outrigger
