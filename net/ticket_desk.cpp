#include "net/ticket_desk.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "protocol/limits.hpp"

namespace outrigger {
namespace {

constexpr std::size_t ticket_entropy = 32; // bytes

/// Null when the kernel gives none, which it only does before it has booted.
std::optional<std::string> random_bytes(std::size_t count) {
  std::string out(count, '\0');
  // Up to 256 bytes come whole and without interruption.
  const auto got = ::getrandom(out.data(), out.size(), 0);
  if (got < 0 || static_cast<std::size_t>(got) != count)
    return std::nullopt;
  return out;
}

/// What a ticket for this path is bound to: the canonical path, as the gate
/// sees it when the ticket is shown.
std::optional<std::string> canonical_path(std::string_view path) {
  constexpr std::array<std::string_view, 4> methods{"GET", "POST", "PUT",
                                                    "DELETE"};
  for (const auto method : methods)
    if (auto where = match_route(method, path, nullptr))
      return std::move(where->canonical);
  return std::nullopt;
}

} // namespace

result<rest_answer> issue_ticket(const rest_call& call, ticket_book& tickets,
                                 moment now) {
  if (!call.who.authenticated)
    return no_credential();
  if (call.who.by_ticket)
    return error{errc::forbidden, "a ticket makes no tickets: use a token"};
  auto wanted = parse_ticket_request(call.body);
  if (!wanted)
    return wanted.error();
  auto path = canonical_path(wanted->path);
  if (!path)
    return error{errc::not_found, "path: no such route"};
  auto who = call.who;
  if (wanted->scopes) {
    if (!who.scopes.covers(*wanted->scopes))
      return error{errc::forbidden,
                   "scope: wider than that of the credential shown"};
    who.scopes = std::move(*wanted->scopes);
  }
  const auto random = random_bytes(ticket_entropy);
  if (!random)
    return error{errc::internal, "no randomness for a ticket"};
  const auto text = ticket_text(*random);
  tickets.issue(text, *path, std::move(who),
                now.steady + limits::ticket_lifetime);
  return rest_answer{201, ticket_to_json(text, *path)};
}

} // namespace outrigger
