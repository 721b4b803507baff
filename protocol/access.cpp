#include "protocol/access.hpp"

#include <algorithm>
#include <utility>

#include "protocol/ascii.hpp"
#include "protocol/terminal_message.hpp"

namespace outrigger {

namespace {

// -- carriers -----------------------------------------------------------------

/// What a request says about itself: views of tokens, none of them checked.
struct shown_tokens {
  std::vector<std::string_view> all;
  bool unreadable = false; // a carrier is there, but no token in it
  bool empty = false;      // nor anything else

  void add(std::string_view token) {
    empty = empty || token.empty();
    if (token.empty() || token.find_first_of(" \t") != token.npos)
      unreadable = true;
    else
      all.push_back(token);
  }
};

void add_authorization(shown_tokens& out, std::string_view field) {
  const auto value = ascii::trim(field);
  const auto blank = std::min(value.find(' '), value.size());
  if (ascii::equal_ignoring_case(value.substr(0, blank), "bearer"))
    out.add(ascii::trim(value.substr(blank)));
  else
    out.unreadable = true;
}

/// The elements of a comma-separated list field, without empty ones.
std::vector<std::string_view> list_elements(std::string_view field) {
  std::vector<std::string_view> out;
  for (const auto piece : ascii::split(field, ','))
    if (const auto element = ascii::trim(piece); !element.empty())
      out.push_back(element);
  return out;
}

shown_tokens collect(const access_request& request) {
  shown_tokens out;
  for (const auto field : request.authorization)
    add_authorization(out, field);
  for (const auto field : request.api_key)
    out.add(ascii::trim(field));
  for (const auto field : request.internal_token)
    out.add(ascii::trim(field));
  for (const auto token : request.query_tokens)
    out.add(token);
  for (const auto field : request.websocket_protocol) {
    const auto offers = list_elements(field);
    if (!offers.empty() && offers[0] == "Bearer")
      out.add(offers.size() > 1 ? offers[1] : std::string_view{});
  }
  return out;
}

bool is_ticket(std::string_view token) {
  return token.starts_with(ticket_prefix);
}

// -- judging ------------------------------------------------------------------

bool is_over(std::optional<std::int64_t> end, moment now) {
  return end && now.unix_seconds >= *end;
}

error unauthorized(credential_fault why, std::string_view detail) {
  error out{errc::unauthorized, std::string{detail}};
  out.credential = why;
  return out;
}

error expired() {
  return unauthorized(credential_fault::expired, "the token has expired");
}

constexpr std::string_view token_credential = "token:";
constexpr std::string_view jwt_credential = "jwt:";

/// The id alone would outlast a token that was replaced in its file.
std::string credential_of(const token_record& record) {
  return std::string{token_credential} + record.id + ":" +
         to_hex(record.digest).substr(0, 16);
}

/// Whether it is this one's, without making that of every record.
bool names(std::string_view credential, const token_record& record) {
  return credential.starts_with(token_credential) &&
         credential.substr(token_credential.size()).starts_with(record.id) &&
         credential == credential_of(record);
}

/// Compares with every record, whichever matches.
const token_record* find_static(const credential_store& known,
                                std::string_view token) {
  const auto shown = sha256(token);
  const token_record* found = nullptr;
  for (const auto& record : known.tokens) {
    const bool same = equal_digest(record.digest, shown);
    found = same ? &record : found;
  }
  return found;
}

result<principal> judge_static(const token_record& record, moment now) {
  if (is_over(record.expires_at, now))
    return expired();
  principal out;
  out.authenticated = true;
  out.name = record.id == "owner" ? record.id : "token " + record.id;
  out.by_credential = true;
  out.scopes = record.scopes;
  out.expires_at = record.expires_at;
  out.credential = credential_of(record);
  return out;
}

result<principal> judge_jwt(const credential_store& known,
                            std::string_view token, moment now) {
  auto claims = verify_jwt(
      token, known.keys, {known.workspace, known.min_issued}, now.unix_seconds);
  if (!claims)
    return claims.error();
  if (claims->scope.empty())
    return error{errc::unauthorized, "the token has no scope claim"};
  auto scopes = parse_scopes(claims->scope);
  if (!scopes) // whose error would quote the token
    return error{errc::unauthorized,
                 "the token's scope claim is not a list of scopes"};
  principal out;
  out.authenticated = true;
  out.name = claims->subject.empty() ? "jwt" : "jwt " + claims->subject;
  out.by_credential = true;
  out.scopes = std::move(*scopes);
  out.expires_at = claims->expires_at;
  out.credential = std::string{jwt_credential} + claims->key_id;
  out.issued_at = claims->issued_at;
  return out;
}

principal everyone(std::string name, bool by_credential) {
  principal out;
  out.authenticated = true;
  out.name = std::move(name);
  out.by_credential = by_credential;
  out.scopes = scope_set::everything();
  return out;
}

/// Takes every ticket shown out of the book. The last one's principal: with
/// two that differ nobody comes in anyway.
std::optional<principal> redeem_all(const shown_tokens& shown,
                                    const access_request& request,
                                    ticket_book& tickets, moment now) {
  std::optional<principal> out;
  for (const auto token : shown.all)
    if (is_ticket(token))
      if (auto who = tickets.redeem(token, request.path, now.steady))
        out = std::move(who);
  return out;
}

bool all_equal(const std::vector<std::string_view>& tokens) {
  if (tokens.empty())
    return true;
  const auto first = sha256(tokens.front());
  return std::all_of(tokens.begin(), tokens.end(), [&](std::string_view token) {
    return sha256(token) == first;
  });
}

error two_differ() {
  return {errc::malformed, "two different tokens in one request"};
}

bool is_still_known(const credential_store& known, const principal& who,
                    moment now) {
  if (who.credential.starts_with(jwt_credential)) {
    const auto key_id = who.credential.substr(jwt_credential.size());
    return who.issued_at >= known.min_issued &&
           std::any_of(known.keys.begin(), known.keys.end(),
                       [&](const jwt_key& key) { return key.id() == key_id; });
  }
  return std::any_of(known.tokens.begin(), known.tokens.end(),
                     [&](const token_record& record) {
                       return names(who.credential, record) &&
                              !is_over(record.expires_at, now) &&
                              record.scopes.covers(who.scopes);
                     });
}

// -- scopes -------------------------------------------------------------------

error lacks_scope(std::string_view scope) {
  return {errc::forbidden,
          "the credential lacks the scope " + std::string{scope}};
}

/// About the one terminal {id} names. Who may see only some is told nothing
/// about the others, not even that they are no terminals.
result<void> authorize_terminal(const principal& who,
                                const route_match& where) {
  const bool looks = where.matched->needs == scope::read;
  const auto id = parse_terminal_id(where.id);
  const auto has = id ? who.scopes.on_terminal(*id)
                   : who.scopes.allows(scope::terminal) ? right::use
                   : who.scopes.allows(scope::read)     ? right::view
                                                        : right::none;
  if (has >= (looks ? right::view : right::use))
    return {};
  if (!id)
    return lacks_scope(scope_name(where.matched->needs));
  return lacks_scope("terminal:" + std::to_string(*id) +
                     (looks ? ":view" : ""));
}

} // namespace

// -- the decision -------------------------------------------------------------

error no_credential() {
  return unauthorized(credential_fault::missing, "a token is required");
}

result<void> check_no_two_differ(const access_policy& policy,
                                 const access_request& request) {
  if (policy.auth && !request.trusted_peer && !all_equal(collect(request).all))
    return two_differ();
  return {};
}

result<principal> identify(const access_policy& policy,
                           const access_request& request, ticket_book& tickets,
                           moment now) {
  if (!policy.auth)
    return everyone("no-auth", false);
  if (request.trusted_peer) {
    auto who = everyone("local", true);
    who.credential = "local";
    return who;
  }
  const auto shown = collect(request);
  auto by_ticket = redeem_all(shown, request, tickets, now);
  if (!all_equal(shown.all))
    return two_differ();
  if (shown.unreadable)
    return unauthorized(shown.empty ? credential_fault::empty
                                    : credential_fault::none,
                        "the credential is not a bearer token");
  if (shown.all.empty())
    return principal{};
  const auto token = shown.all.front();
  if (!is_ticket(token))
    return identify_token(policy, token, now);
  // Its maker's credential may have ended since.
  if (!by_ticket || !still_valid(policy, *by_ticket, now))
    return error{errc::unauthorized,
                 "the ticket is not valid here, or no longer"};
  return std::move(*by_ticket);
}

result<principal> identify_token(const access_policy& policy,
                                 std::string_view token, moment now) {
  if (!policy.auth)
    return everyone("no-auth", false);
  // Nothing is what an unset token in a file would look like.
  if (!token.empty()) {
    if (const auto* record = find_static(policy.known, token))
      return judge_static(*record, now);
    if (looks_like_jwt(token))
      return judge_jwt(policy.known, token, now);
  }
  return error{errc::unauthorized, "the token is not valid"};
}

bool still_valid(const access_policy& policy, const principal& who,
                 moment now) {
  if (!policy.auth || !who.authenticated)
    return true; // nothing that could end
  if (is_over(who.expires_at, now))
    return false;
  return who.credential == "local" || is_still_known(policy.known, who, now);
}

result<void> authorize(const principal& who, const route_match& where) {
  const auto& row = *where.matched;
  if (row.needs == scope::none)
    return {};
  if (!who.authenticated)
    return no_credential();
  switch (row.about) {
  case subject::everything:
    if (who.scopes.allows(row.needs))
      return {};
    return lacks_scope(scope_name(row.needs));
  case subject::terminals:
    if (who.scopes.allows(row.needs) || who.scopes.allows_some(scope::terminal))
      return {};
    return lacks_scope(scope_name(row.needs));
  case subject::files:
    if (who.scopes.allows(row.needs) || who.scopes.allows_some(scope::files))
      return {};
    return lacks_scope(scope_name(scope::files));
  case subject::terminal:
    break;
  }
  return authorize_terminal(who, where);
}

std::string_view first_subprotocol(std::string_view offers) {
  const auto elements = list_elements(offers);
  return !elements.empty() && ascii::is_token(elements.front())
             ? elements.front()
             : std::string_view{};
}

} // namespace outrigger
