// One request, a field on each line: flags, Host, Origin, Sec-Fetch-Site,
// Authorization, Sec-WebSocket-Protocol, a query token, our address,
// X-API-Key, X-Internal-Token, a second query token, the path.

#include "protocol/access.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

constexpr std::string_view owner = "sesame-sesame";
constexpr std::string_view reader = "sesame-reader";
constexpr std::string_view ticket = "tkt_sesame";
const moment now{1'800'000'000, {}};

access_policy policy() {
  access_policy out;
  out.known.workspace = "ws-1";
  out.known.tokens = {owner_record(owner), owner_record(reader)};
  out.known.tokens[1].id = "0000000a";
  out.known.tokens[1].scopes = *parse_scopes("read");
  out.hosts = {"dev.example"};
  out.origins = {"https://ide.example"};
  return out;
}

bool mentions(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

access_request read_request(std::string_view rest) {
  const auto flags = fuzz::take_line(rest);
  access_request out;
  out.tls = mentions(flags, "t");
  out.host = {fuzz::take_line(rest)};
  if (mentions(flags, "o"))
    out.origin = {fuzz::take_line(rest)};
  out.sec_fetch_site = fuzz::take_line(rest);
  if (mentions(flags, "a"))
    out.authorization = {fuzz::take_line(rest)};
  out.websocket_protocol = {fuzz::take_line(rest)};
  if (mentions(flags, "q"))
    out.query_tokens = {fuzz::take_line(rest)};
  out.local_address = fuzz::take_line(rest);
  if (mentions(flags, "k"))
    out.api_key = {fuzz::take_line(rest)};
  if (mentions(flags, "i"))
    out.internal_token = {fuzz::take_line(rest)};
  if (mentions(flags, "s"))
    out.query_tokens.push_back(fuzz::take_line(rest));
  out.path = rest;
  return out;
}

void check_rights(const access_policy& rules, const principal& who) {
  fuzz::require(who.authenticated != who.scopes.empty(),
                "who is known may do something, strangers nothing");
  fuzz::require(still_valid(rules, who, now), "who comes in now is valid now");
  for (const auto& row : routes()) {
    const bool may = authorize(who, {&row, "3", false, {}}).has_value();
    fuzz::require(may || row.needs != scope::none, "some rows need nothing");
    fuzz::require(!may || who.authenticated || row.needs == scope::none,
                  "strangers may do only what needs nothing");
  }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto rules = policy();
  const auto input = fuzz::view_of(data, size);
  const auto request = read_request(input);

  const auto origin = check_origin(rules, request, mentions(input, "n"));
  if (origin && !request.origin.empty())
    fuzz::require(request.origin.front() == rules.origins.front() ||
                      request.origin.front().substr(0, 4) == "http",
                  "an accepted origin is a listed one or of the web");

  ticket_book tickets;
  principal maker;
  maker.authenticated = true;
  maker.scopes = scope_set::everything();
  maker.credential = "local";
  tickets.issue(ticket, "/ws", maker, now.steady + std::chrono::seconds{1});
  const auto who = identify(rules, request, tickets, now);
  if (!who) {
    fuzz::require(who.error().code == errc::unauthorized ||
                      who.error().code == errc::malformed,
                  "a credential is refused in one of two ways");
    fuzz::require(!mentions(who.error().detail, "sesame"),
                  "a refusal quotes no token");
    return 0;
  }
  fuzz::require(!who->authenticated || mentions(input, owner) ||
                    mentions(input, reader) || mentions(input, ticket),
                "nobody comes in without a token");
  fuzz::require(who->by_ticket == (tickets.size() == 0) || !who->authenticated,
                "a ticket that was shown is used up");
  fuzz::require(!who->by_ticket || request.path == "/ws",
                "a ticket is good on its path");
  check_rights(rules, *who);
  static_cast<void>(first_subprotocol(request.websocket_protocol.front()));
  return 0;
}
