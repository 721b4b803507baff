// A daemon with three static tokens, asked at a fixed hour, and the ways a
// request can carry a credential.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "protocol/access.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger::test {

constexpr std::int64_t hour = 1'800'000'000;
constexpr auto owner_token = "s3cret-token-of-the-owner";
constexpr auto reader_token = "s3cret-token-of-the-reader";
constexpr auto late_token = "s3cret-token-that-has-expired";

inline moment at(std::int64_t unix_seconds) {
  return {unix_seconds, std::chrono::steady_clock::time_point{
                            std::chrono::seconds{unix_seconds}}};
}

inline token_record record(std::string id, std::string_view token,
                           std::string_view scopes) {
  token_record out;
  out.id = std::move(id);
  out.digest = sha256(token);
  out.scopes = *parse_scopes(scopes);
  return out;
}

inline access_policy example_policy() {
  access_policy out;
  out.known.workspace = "ws-1";
  out.known.tokens = {owner_record(owner_token),
                      record("0000000a", reader_token, "read"),
                      record("0000000b", late_token, "all")};
  out.known.tokens[1].expires_at = hour + 60;
  out.known.tokens[2].expires_at = hour - 1;
  return out;
}

/// How a token travels. Header values keep their text here.
enum class carrier {
  authorization,
  api_key,
  internal_token,
  subprotocol,
  query,
};
constexpr carrier every_carrier[] = {carrier::authorization, carrier::api_key,
                                     carrier::internal_token,
                                     carrier::subprotocol, carrier::query};

/// A request and the texts that its views are of.
class request_with {
public:
  request_with() = default;
  request_with(carrier how, std::string_view token) { add(how, token); }

  request_with& add(carrier how, std::string_view token) {
    switch (how) {
    case carrier::authorization:
      request.authorization.push_back(keep("Bearer " + std::string{token}));
      break;
    case carrier::api_key:
      request.api_key.push_back(keep(token));
      break;
    case carrier::internal_token:
      request.internal_token.push_back(keep(token));
      break;
    case carrier::subprotocol:
      request.websocket_protocol.push_back(
          keep("Bearer, " + std::string{token}));
      break;
    case carrier::query:
      request.query_tokens.push_back(keep(token));
      break;
    }
    return *this;
  }

  access_request request;

private:
  std::string_view keep(std::string_view text) {
    texts_.push_back(std::make_unique<std::string>(text));
    return *texts_.back();
  }
  std::vector<std::unique_ptr<std::string>> texts_;
};

inline errc error_of(const result<principal>& who) {
  return who ? errc{} : who.error().code;
}

struct access_fixture {
  access_policy policy = example_policy();
  ticket_book tickets;

  result<principal> ask(const access_request& request, moment now = at(hour)) {
    return identify(policy, request, tickets, now);
  }
  result<principal> ask(const request_with& asked, moment now = at(hour)) {
    return ask(asked.request, now);
  }
  /// The principal of a token that is good.
  principal come(std::string_view token, moment now = at(hour)) {
    auto who = ask(request_with{carrier::authorization, token}, now);
    REQUIRE(who);
    return *who;
  }
};

} // namespace outrigger::test
