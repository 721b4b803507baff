// Who may come in: the decision about one request, made before its route is
// run and before any upgrade. Pure: the caller hands over the few header
// fields that matter.
//
//   Host allow-list → Origin allow-list → Sec-Fetch-Site → credential → scope
//
// An uncredentialed request is anonymous, never half trusted.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"
#include "protocol/routes.hpp"

namespace outrigger {

/// Fixed at start from the options.
struct access_policy {
  std::string token; // the one static token; empty only with auth off
  bool auth = true;  // false: --no-auth, everyone is `all`
  /// Lower-case host names accepted in Host (no port). "localhost" and
  /// loopback literals are always accepted, and so is the literal address the
  /// connection arrived at: names can be rebound, addresses cannot.
  std::vector<std::string> hosts;
  /// Origins accepted besides the daemon's own, exact ("https://ide.example").
  std::vector<std::string> origins;
};

/// The fields of one request, as received. Views into the caller's request.
struct access_request {
  std::vector<std::string_view> host;          // every Host field's value
  std::vector<std::string_view> origin;        // every Origin field's value
  std::string_view sec_fetch_site;             // empty when absent
  std::vector<std::string_view> authorization; // every Authorization value
  std::string_view websocket_protocol; // Sec-WebSocket-Protocol, all offers
  std::optional<std::string_view> query_token; // ?token=
  std::string_view local_address; // numeric address of our end, "127.0.0.1"
  bool tls = false;
  bool trusted_peer = false; // a unix socket whose peer uid was checked
};

/// Who is asking.
struct principal {
  bool authenticated = false;
  std::string name = "anonymous"; // for logs: "token", "local", "no-auth"
  bool by_credential = false;     // not only because none is asked for
};

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

/// The credential. Carriers: `Authorization: Bearer T`, `?token=T`,
/// `Sec-WebSocket-Protocol: Bearer, T` (scheme and list separators as in
/// RFC 9110; the scheme is case-insensitive in Authorization). None at all is
/// an anonymous principal, a wrong or unreadable one is unauthorized, two that
/// differ are malformed. Comparison takes time independent of the contents.
[[nodiscard]] result<principal> identify(const access_policy& policy,
                                         const access_request& request);

/// Whether `who` may do what needs `needs`. Anonymous with a need is
/// unauthorized.
[[nodiscard]] result<void> authorize(const principal& who, scope needs);

/// The first subprotocol the client offered, or empty: what the server echoes.
[[nodiscard]] std::string_view first_subprotocol(std::string_view offers);

/// Equal, in time that depends on the lengths only.
[[nodiscard]] bool equal_secret(std::string_view a, std::string_view b);

} // namespace outrigger
