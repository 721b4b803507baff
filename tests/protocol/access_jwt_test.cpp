// Principals made by JWTs. Which tokens are good at all is tested with the
// verifier.

#include "tests/protocol/access_fixture.hpp"
#include "tests/support/jwt_signer.hpp"

using namespace outrigger;
using namespace outrigger::test;

namespace {

struct jwt_access_fixture : access_fixture {
  jwt_access_fixture() { policy.known.keys = {signer.key()}; }

  /// A token that is over in ten minutes, with `more` claims.
  [[nodiscard]] std::string token(const std::string& more) const {
    return signer.token(R"({"aud":"ws-1","exp":)" + std::to_string(hour + 600) +
                        R"(,"iat":)" + std::to_string(hour - 10) + more + "}");
  }

  jwt_signer signer{jwt_algorithm::hs256, "k1"};
};

} // namespace

TEST_CASE_METHOD(jwt_access_fixture, "every carrier brings a JWT in") {
  const auto good =
      token(R"(,"sub":"ada","scope":"terminal:3:view files:/docs")");
  for (const auto how : every_carrier) {
    const auto who = ask(request_with{how, good});
    REQUIRE(who);
    CHECK(who->authenticated);
    CHECK(who->by_credential);
    CHECK(who->name == "jwt ada");
    CHECK(who->scopes.to_text() == "files:/docs terminal:3:view");
    CHECK(who->expires_at == hour + 600);
    CHECK(who->issued_at == hour - 10);
    CHECK(who->credential == "jwt:" + signer.key().id());
  }
  CHECK(identify_token(policy, good, at(hour)));
}

TEST_CASE_METHOD(jwt_access_fixture, "a JWT need not say who it is") {
  CHECK(come(token(R"(,"scope":["read","port:80"])")).name == "jwt");
}

TEST_CASE_METHOD(jwt_access_fixture, "a JWT is good for this workspace only") {
  const auto here = token(R"(,"scope":"all")");
  REQUIRE(identify_token(policy, here, at(hour)));
  policy.known.workspace = "ws-2";
  CHECK(error_of(identify_token(policy, here, at(hour))) == errc::unauthorized);
}

TEST_CASE_METHOD(jwt_access_fixture, "an expired JWT is refused") {
  const auto late =
      identify_token(policy, token(R"(,"scope":"all")"), at(hour + 600));
  REQUIRE(late.has_error());
  CHECK(late.error().code == errc::unauthorized);
  CHECK(late.error().detail == "the token has expired");
  CHECK(late.error().credential == credential_fault::expired);
}

TEST_CASE_METHOD(jwt_access_fixture, "a JWT without usable scopes is refused") {
  const auto refusal = [this](const std::string& more) {
    const auto who = identify_token(policy, token(more), at(hour));
    REQUIRE(who.has_error());
    CHECK(who.error().code == errc::unauthorized);
    CHECK(who.error().detail.find("canary") == std::string::npos);
    return who.error().detail;
  };
  CHECK(refusal("") == "the token has no scope claim");
  CHECK(refusal(R"(,"scope":"")") == "the token has no scope claim");
  CHECK_THAT(refusal(R"(,"scope":"all canary")"),
             Catch::Contains("not a list of scopes"));
  CHECK_THAT(refusal(R"(,"scope":" ")"),
             Catch::Contains("not a list of scopes"));
}

TEST_CASE_METHOD(jwt_access_fixture, "scopes are those of the scope claim") {
  const auto who =
      come(token(R"(,"scope":"read","scopes":"all","permissions":["admin"])"));
  CHECK(who.scopes.to_text() == "read");
}

TEST_CASE_METHOD(jwt_access_fixture, "a static token may look like a JWT") {
  policy.known.tokens.push_back(record("0000000c", "a.b.c", "read"));
  CHECK(come("a.b.c").name == "token 0000000c");
}

TEST_CASE_METHOD(jwt_access_fixture, "a JWT is valid until its end") {
  const auto who = come(token(R"(,"scope":"all")"));
  CHECK(still_valid(policy, who, at(hour + 599)));
  CHECK_FALSE(still_valid(policy, who, at(hour + 600)));
}

TEST_CASE_METHOD(jwt_access_fixture, "a JWT is valid until it is revoked") {
  const auto who = come(token(R"(,"scope":"all")"));
  policy.known.min_issued = hour - 10;
  CHECK(still_valid(policy, who, at(hour)));
  policy.known.min_issued = hour - 9;
  CHECK_FALSE(still_valid(policy, who, at(hour)));
}

TEST_CASE_METHOD(jwt_access_fixture, "a JWT is valid as long as its key") {
  const auto who = come(token(R"(,"scope":"all")"));
  CHECK(still_valid(policy, who, at(hour)));
  policy.known.keys = {jwt_signer{jwt_algorithm::hs256, "k2"}.key()};
  CHECK_FALSE(still_valid(policy, who, at(hour)));
  // Nor is another one under the same name.
  policy.known.keys = {jwt_signer{jwt_algorithm::hs256, "k1"}.key()};
  CHECK_FALSE(still_valid(policy, who, at(hour)));
  // Neither is a key's name one of a token.
  policy.known.tokens.push_back(record("k1", "x", "all"));
  CHECK_FALSE(still_valid(policy, who, at(hour)));
}
