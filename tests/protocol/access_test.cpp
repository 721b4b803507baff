// Which credential makes whom, whatever carries it.

#include "protocol/access.hpp"

#include "tests/protocol/access_fixture.hpp"

using namespace outrigger;
using namespace outrigger::test;

namespace {

carrier some_carrier() {
  return GENERATE(
      from_range(std::begin(every_carrier), std::end(every_carrier)));
}

} // namespace

// -- static tokens ------------------------------------------------------------

TEST_CASE_METHOD(access_fixture, "every carrier brings the token in") {
  const auto how = some_carrier();
  CAPTURE(static_cast<int>(how));
  const auto owner = ask(request_with{how, owner_token});
  REQUIRE(owner);
  CHECK(owner->authenticated);
  CHECK(owner->by_credential);
  CHECK(owner->name == "owner");
  CHECK(owner->scopes == scope_set::everything());
  CHECK_FALSE(owner->expires_at);
  CHECK_FALSE(owner->by_ticket);

  const auto reader = ask(request_with{how, reader_token});
  REQUIRE(reader);
  CHECK(reader->name == "token 0000000a");
  CHECK(reader->scopes.to_text() == "read");
  CHECK(reader->expires_at == hour + 60);
}

TEST_CASE_METHOD(access_fixture, "a wrong token is refused in every carrier") {
  const auto how = some_carrier();
  const std::string good = owner_token;
  for (const auto& wrong :
       {std::string{"wrong"}, good.substr(1), good.substr(0, good.size() - 1),
        good + "1", "S" + good.substr(1), to_hex(sha256(good)),
        std::string(200, 'x')}) {
    CAPTURE(wrong);
    const auto who = ask(request_with{how, wrong});
    CHECK(error_of(who) == errc::unauthorized);
    CHECK(who.error().detail == "the token is not valid");
  }
}

TEST_CASE_METHOD(access_fixture, "an expired token says so") {
  const auto late = ask(request_with{carrier::query, late_token});
  CHECK(error_of(late) == errc::unauthorized);
  CHECK(late.error().detail == "the token has expired");
  CHECK(late.error().credential == credential_fault::expired);
  const request_with reader{carrier::query, reader_token};
  CHECK(ask(reader, at(hour + 59)));
  CHECK(error_of(ask(reader, at(hour + 60))) == errc::unauthorized);
}

TEST_CASE_METHOD(access_fixture, "an empty credential is wrong, not absent") {
  const auto how = some_carrier();
  const auto who = ask(request_with{how, ""});
  CHECK(error_of(who) == errc::unauthorized);
  CHECK(who.error().credential == credential_fault::empty);
  // Not even when a token file was empty.
  policy.known.tokens.push_back(owner_record(""));
  CHECK(error_of(ask(request_with{how, ""})) == errc::unauthorized);
  CHECK(error_of(identify_token(policy, "", at(hour))) == errc::unauthorized);
}

TEST_CASE_METHOD(access_fixture, "one carrier is enough, the same twice fine") {
  const auto one = some_carrier();
  for (const auto other : every_carrier) {
    request_with asked{one, owner_token};
    CHECK(ask(asked.add(other, owner_token)));
  }
}

TEST_CASE_METHOD(access_fixture, "two that differ are malformed, good or not") {
  const auto one = some_carrier();
  for (const auto other : every_carrier) {
    for (const auto& [first, second] : {std::pair{owner_token, "wrong"},
                                        {"wrong", owner_token},
                                        {owner_token, reader_token},
                                        {"wrong", "wronger"}}) {
      CAPTURE(static_cast<int>(one), static_cast<int>(other), first, second);
      request_with asked{one, first};
      const auto who = ask(asked.add(other, second));
      CHECK(error_of(who) == errc::malformed);
    }
    request_with empty{one, owner_token};
    CHECK(error_of(ask(empty.add(other, ""))) == errc::unauthorized);
  }
}

TEST_CASE_METHOD(access_fixture, "no credential is an anonymous principal") {
  access_request request;
  request.websocket_protocol = {"binary, chat"};
  const auto who = ask(request);
  REQUIRE(who);
  CHECK_FALSE(who->authenticated);
  CHECK(who->name == "anonymous");
  CHECK(who->scopes.empty());
  const auto refusal = no_credential();
  CHECK(refusal.code == errc::unauthorized);
  CHECK(refusal.credential == credential_fault::missing);
}

TEST_CASE_METHOD(
    access_fixture,
    "the scheme of Authorization has no case and needs one token") {
  const std::string token = owner_token;
  access_request request;
  for (const auto& good :
       {"bearer " + token, "BEARER  " + token + " ", " Bearer " + token}) {
    CAPTURE(good);
    request.authorization = {good};
    CHECK(ask(request));
  }
  for (const auto& bad :
       {std::string{"Basic czNjcmV0"}, std::string{"Bearer"}, std::string{},
        token, "Bearer " + token + " x", "Bearer" + token,
        "Bearer " + token + "\tx", "Basic " + token}) {
    CAPTURE(bad);
    request.authorization = {bad};
    CHECK(error_of(ask(request)) == errc::unauthorized);
  }
}

TEST_CASE_METHOD(access_fixture,
                 "the subprotocol carrier takes list separators as they come") {
  const std::string token = owner_token;
  access_request request;
  for (const auto& good : {"Bearer," + token, " Bearer ,\t" + token,
                           ",Bearer,," + token + ",chat"}) {
    CAPTURE(good);
    request.websocket_protocol = {good};
    CHECK(ask(request));
    CHECK(first_subprotocol(good) == "Bearer");
  }
  request.websocket_protocol = {"Bearer"};
  CHECK(error_of(ask(request)) == errc::unauthorized);
  CHECK(first_subprotocol("").empty());
  CHECK(first_subprotocol(" , ").empty());
  CHECK(first_subprotocol("chat") == "chat");
}

TEST_CASE_METHOD(access_fixture, "without authentication everyone comes in") {
  policy.auth = false;
  const auto who = ask(request_with{carrier::authorization, "wrong"});
  REQUIRE(who);
  CHECK(who->authenticated);
  CHECK_FALSE(who->by_credential);
  CHECK(who->name == "no-auth");
  CHECK(who->scopes == scope_set::everything());
  CHECK(still_valid(policy, *who, at(hour)));
}

TEST_CASE_METHOD(access_fixture, "a checked local peer needs no token") {
  access_request request;
  request.trusted_peer = true;
  const auto who = ask(request);
  REQUIRE(who);
  CHECK(who->authenticated);
  CHECK(who->name == "local");
  CHECK(who->scopes == scope_set::everything());
  CHECK(still_valid(policy, *who, at(hour)));
}

TEST_CASE_METHOD(access_fixture, "a token shown in band is judged the same") {
  CHECK(identify_token(policy, owner_token, at(hour))->name == "owner");
  CHECK(error_of(identify_token(policy, late_token, at(hour))) ==
        errc::unauthorized);
  CHECK(error_of(identify_token(policy, "wrong", at(hour))) ==
        errc::unauthorized);
}

TEST_CASE_METHOD(access_fixture, "no refused credential is quoted") {
  const auto how = some_carrier();
  for (const auto* token : {"canary-7", "a.canary.c", "tkt_canary"}) {
    const auto refused = ask(request_with{how, token});
    REQUIRE(refused.has_error());
    CHECK(refused.error().detail.find("canary") == std::string::npos);
  }
}

// -- tickets ------------------------------------------------------------------

TEST_CASE_METHOD(access_fixture, "every carrier brings a ticket in, once") {
  const auto how = some_carrier();
  request_with asked{how, "tkt_1"};
  asked.request.path = "/ws";
  tickets.issue("tkt_1", "/ws", come(reader_token), at(hour + 30).steady);
  const auto who = ask(asked, at(hour + 29));
  REQUIRE(who);
  CHECK(who->by_ticket);
  CHECK(who->scopes.to_text() == "read");
  CHECK(who->expires_at == hour + 60);
  CHECK(error_of(ask(asked, at(hour + 29))) == errc::unauthorized);
}

TEST_CASE_METHOD(access_fixture, "a ticket is used up by being shown") {
  access_request elsewhere;
  elsewhere.path = "/terminals";
  elsewhere.query_tokens = {"tkt_1"};
  auto here = elsewhere;
  here.path = "/ws";
  auto twofold = here;
  twofold.api_key = {owner_token};
  auto unreadable = here;
  unreadable.authorization = {"Basic x"};

  const auto& spoiled =
      *GENERATE_REF(values({&elsewhere, &twofold, &unreadable}));
  tickets.issue("tkt_1", "/ws", come(owner_token), at(hour + 30).steady);
  CHECK(ask(spoiled).has_error());
  CHECK(tickets.size() == 0);
  CHECK(error_of(ask(here)) == errc::unauthorized);
}

TEST_CASE_METHOD(access_fixture, "a ticket in two carriers is one use") {
  access_request request;
  request.path = "/ws";
  request.query_tokens = {"tkt_1"};
  request.api_key = {"tkt_1"};
  tickets.issue("tkt_1", "/ws", come(owner_token), at(hour + 30).steady);
  CHECK(ask(request));
  CHECK(ask(request).has_error());
}

TEST_CASE_METHOD(access_fixture,
                 "a ticket ends with the credential of its maker") {
  access_request request;
  request.path = "/ws";
  request.query_tokens = {"tkt_1"};
  const auto reader = come(reader_token);
  tickets.issue("tkt_1", "/ws", reader, at(hour + 3600).steady);
  SECTION("when that expires") {
    CHECK(error_of(ask(request, at(hour + 60))) == errc::unauthorized);
  }
  SECTION("when that is revoked") {
    policy.known.tokens.erase(policy.known.tokens.begin() + 1);
    CHECK(error_of(ask(request)) == errc::unauthorized);
  }
}

TEST_CASE_METHOD(access_fixture, "no ticket is taken in band") {
  tickets.issue("tkt_1", "/ws", come(owner_token), at(hour + 30).steady);
  CHECK(error_of(identify_token(policy, "tkt_1", at(hour))) ==
        errc::unauthorized);
}

// -- later --------------------------------------------------------------------

TEST_CASE_METHOD(access_fixture, "a principal is valid until its token's end") {
  const auto reader = come(reader_token);
  CHECK(still_valid(policy, reader, at(hour + 59)));
  CHECK_FALSE(still_valid(policy, reader, at(hour + 60)));
  CHECK(still_valid(policy, come(owner_token), at(hour + 1'000'000'000)));
}

TEST_CASE_METHOD(access_fixture, "a principal is valid until its revocation") {
  const auto reader = come(reader_token);
  const auto owner = come(owner_token);
  policy.known.tokens.erase(policy.known.tokens.begin() + 1);
  CHECK_FALSE(still_valid(policy, reader, at(hour)));
  CHECK(still_valid(policy, owner, at(hour)));
}

TEST_CASE_METHOD(access_fixture, "a token replaced under its id is another") {
  const auto owner = come(owner_token);
  policy.known.tokens[0] = owner_record("a new one");
  CHECK_FALSE(still_valid(policy, owner, at(hour)));
}

TEST_CASE_METHOD(access_fixture,
                 "a token whose scopes shrank is not the same") {
  auto all = come(owner_token);
  policy.known.tokens[0].scopes = *parse_scopes("read");
  CHECK_FALSE(still_valid(policy, all, at(hour)));
  all.scopes = *parse_scopes("terminal:3:view"); // as by a narrowed ticket
  CHECK(still_valid(policy, all, at(hour)));
}

TEST_CASE_METHOD(access_fixture, "an end brought forward holds for all") {
  const auto reader = come(reader_token);
  policy.known.tokens[1].expires_at = hour + 10;
  CHECK_FALSE(still_valid(policy, reader, at(hour + 10)));
}

TEST_CASE_METHOD(access_fixture, "the anonymous have nothing to lose") {
  CHECK(still_valid(policy, {}, at(hour)));
  principal forged;
  forged.authenticated = true;
  CHECK_FALSE(still_valid(policy, forged, at(hour)));
}

TEST_CASE("now is the time of both clocks") {
  const auto before = std::chrono::steady_clock::now();
  const auto now = moment::now();
  CHECK(now.steady >= before);
  CHECK(now.unix_seconds > hour - 10LL * 365 * 24 * 3600);
}
