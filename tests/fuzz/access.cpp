// One request, a field on each line: flags, Host, Origin, Sec-Fetch-Site,
// Authorization, Sec-WebSocket-Protocol, ?token=, our address.

#include "protocol/access.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

constexpr std::string_view secret = "sesame-sesame";

access_policy policy() {
  access_policy out;
  out.token = secret;
  out.hosts = {"dev.example"};
  out.origins = {"https://ide.example"};
  return out;
}

bool mentions(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto rules = policy();
  auto rest = fuzz::view_of(data, size);
  const bool carries_secret = mentions(rest, secret);
  const auto flags = fuzz::take_line(rest);

  access_request request;
  request.tls = mentions(flags, "t");
  request.host = {fuzz::take_line(rest)};
  if (mentions(flags, "o"))
    request.origin = {fuzz::take_line(rest)};
  request.sec_fetch_site = fuzz::take_line(rest);
  if (mentions(flags, "a"))
    request.authorization = {fuzz::take_line(rest)};
  request.websocket_protocol = fuzz::take_line(rest);
  if (mentions(flags, "q"))
    request.query_token = fuzz::take_line(rest);
  request.local_address = fuzz::take_line(rest);

  const auto origin = check_origin(rules, request, mentions(flags, "n"));
  if (origin && !request.origin.empty())
    fuzz::require(request.origin.front() == rules.origins.front() ||
                      request.origin.front().substr(0, 4) == "http",
                  "an accepted origin is a listed one or of the web");

  const auto who = identify(rules, request);
  fuzz::require(carries_secret || !who || !who->authenticated,
                "nobody comes in without the token");
  if (who)
    fuzz::require(authorize(*who, scope::read).has_value() ==
                      who->authenticated,
                  "the anonymous may not look");
  static_cast<void>(first_subprotocol(request.websocket_protocol));
  return 0;
}
