// Who may come in: the decision about one request, made before its route is
// run and before any upgrade. Pure: the caller hands over the few header
// fields that matter, and the time.
//
//   Host allow-list → Origin allow-list → Sec-Fetch-Site → credential → scope
//
// An uncredentialed request is anonymous, never half trusted.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/credentials.hpp"
#include "protocol/result.hpp"
#include "protocol/routes.hpp"
#include "protocol/ticket_book.hpp"

namespace outrigger {

/// The options' part is fixed at the start, `known` is replaced when the
/// daemon reads its token files again.
struct access_policy {
  bool auth = true; // false: --no-auth, everyone is `all`
  credential_store known;
  /// Lower-case host names accepted in Host (no port). "localhost" and
  /// loopback literals are always accepted, and so is the literal address the
  /// connection arrived at: names can be rebound, addresses cannot.
  std::vector<std::string> hosts;
  /// Origins accepted besides the daemon's own, exact ("https://ide.example").
  std::vector<std::string> origins;
};

/// The fields of one request, as received. Views into the caller's request.
struct access_request {
  std::vector<std::string_view> host;           // every Host field's value
  std::vector<std::string_view> origin;         // every Origin field's value
  std::string_view sec_fetch_site;              // empty when absent
  std::vector<std::string_view> authorization;  // every Authorization value
  std::vector<std::string_view> api_key;        // every X-API-Key value
  std::vector<std::string_view> internal_token; // every X-Internal-Token value
  /// Every Sec-WebSocket-Protocol value, each a list of offers.
  std::vector<std::string_view> websocket_protocol;
  /// ?token=, ?api_key=, ?internal_token=, ?ticket= in any number.
  std::vector<std::string_view> query_tokens;
  std::string_view path; // canonical, without query: what tickets are bound to
  std::string_view local_address; // numeric address of our end, "127.0.0.1"
  bool tls = false;
  bool trusted_peer = false; // a unix socket whose peer uid was checked
};

/// The two clocks: tokens go by the wall's, tickets by the steady one.
struct moment {
  std::int64_t unix_seconds = 0;
  std::chrono::steady_clock::time_point steady;

  [[nodiscard]] static moment now();
};

/// The Host alone. Malformed (400): not exactly one. Forbidden (403): not in
/// the list.
[[nodiscard]] result<void> check_host(const access_policy& policy,
                                      const access_request& request);

/// Host, Origin and Sec-Fetch-Site. Malformed (400): not exactly one Host.
/// Forbidden (403): a host or origin not in the lists, "null", more than one
/// Origin, Sec-Fetch-Site cross-site (an allowed Origin excuses it; a
/// top-level navigation GET without Origin to a public route is allowed by
/// the caller passing `navigation`).
/// An Origin is our own when its host is an accepted host, its port is the
/// one in Host, and its scheme is http or https as `tls` says.
[[nodiscard]] result<void> check_origin(const access_policy& policy,
                                        const access_request& request,
                                        bool navigation);

/// Whether the one Origin of a request is listed in policy.origins (and not
/// merely our own): such a page may read the answer (CORS).
[[nodiscard]] bool is_listed_origin(const access_policy& policy,
                                    const access_request& request);

/// The credential. Carriers, all alike: `Authorization: Bearer T`,
/// `X-API-Key: T`, `X-Internal-Token: T`, `Sec-WebSocket-Protocol: Bearer, T`
/// (scheme and list separators as in RFC 9110; the scheme is case-insensitive
/// in Authorization), and in the query token, api_key, internal_token, ticket.
/// T is a static token, a JWT or a ticket, whatever the carrier.
/// None at all is an anonymous principal; a wrong, expired, revoked or
/// unreadable one is unauthorized; two that differ are malformed, before
/// either is judged. A ticket is used up by being shown, whatever the outcome,
/// and only on the path it is bound to. Time does not depend on how much of a
/// token is right.
[[nodiscard]] result<principal> identify(const access_policy& policy,
                                         const access_request& request,
                                         ticket_book& tickets, moment now);

/// The part of it that does not judge: two credentials that differ are
/// malformed. For routes that need none.
[[nodiscard]] result<void> check_no_two_differ(const access_policy& policy,
                                               const access_request& request);

/// The same for a credential that came another way: the first frame of a
/// socket, an in-band refresh. Tickets are not taken here.
[[nodiscard]] result<principal>
identify_token(const access_policy& policy, std::string_view token, moment now);

/// Whether `who` would still be let in: not expired, not revoked since.
[[nodiscard]] bool still_valid(const access_policy& policy,
                               const principal& who, moment now);

/// What an anonymous request is told where a credential is needed.
[[nodiscard]] error no_credential();

/// Whether `who` may use this route: its scope, and for a route about one
/// terminal the right on that one. Anonymous with a need is unauthorized, a
/// principal without the scope is forbidden; the detail names the scope.
/// Routes that list many things ask only for something of their kind: the
/// answer is then filtered by who.scopes.
[[nodiscard]] result<void> authorize(const principal& who,
                                     const route_match& where);

/// The first subprotocol the client offered, if it is one at all, or empty:
/// what the server echoes.
[[nodiscard]] std::string_view first_subprotocol(std::string_view offers);

} // namespace outrigger
