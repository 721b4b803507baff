// What a properly signed token says: audience, times, scope, names.

#include "protocol/jwt.hpp"

#include <chrono>
#include <limits>

#include "protocol/limits.hpp"
#include "tests/protocol/jwt_fixture.hpp"

using namespace outrigger;
using outrigger::test::jwt_fixture;

namespace {

constexpr std::int64_t day = 24 * 60 * 60;

/// Properly signed claims with this audience, as JSON.
std::string for_audience(std::string_view audience) {
  return R"({"exp":)" + jwt_fixture::time(600) + R"(,"aud":)" +
         std::string{audience} + "}";
}

std::string expiring(std::string_view exp) {
  return R"({"aud":"ws-1","exp":)" + std::string{exp} + "}";
}

} // namespace

TEST_CASE_METHOD(jwt_fixture, "claims that are no JSON object are refused") {
  for (const std::string text : {"", "null", "[]", "\"x\"", "{", "{}}",
                                 "{\"exp\":1e400}", "{\"a\":\"\xff\"}"}) {
    CAPTURE(text);
    CHECK(refusal_of(text) ==
          "the token's claims are not a JSON object without twins");
  }
  CHECK(refusal_of(std::string(5000, '[')) ==
        "the token's claims are not a JSON object without twins");
  CHECK(refusal_of(claims() + std::string(1, '\0')) ==
        "the token's claims are not a JSON object without twins");
}

TEST_CASE_METHOD(jwt_fixture, "an expiry is required") {
  CHECK(refusal_of(R"({"aud":"ws-1"})") == "the token has no expiry");
}

TEST_CASE_METHOD(jwt_fixture, "an expiry is an integer and a time") {
  for (const auto& exp :
       {std::string{"\""} + time(600) + "\"", std::string{"1e308"},
        time(600) + ".0", time(600) + ".5", std::string{"1.8e9"},
        std::string{"-1"}, std::string{"-9223372036854775808"},
        std::string{"9223372036854775807"}, std::string{"18446744073709551615"},
        std::string{"253402300800"}, std::string{"null"}, std::string{"true"},
        std::string{"[]"}, std::string{"{}"}}) {
    CAPTURE(exp);
    CHECK(refusal_of(expiring(exp)) == "the token's exp is not a time");
  }
}

TEST_CASE_METHOD(jwt_fixture, "a token is good until the second it expires") {
  CHECK(refusal_of(expiring(time(1))) == "accepted");
  CHECK(refusal_of(expiring(time(0))) == "the token has expired");
  CHECK(refusal_of(expiring(time(-1))) == "the token has expired");
  CHECK(refusal_of(expiring("0")) == "the token has expired");
}

TEST_CASE_METHOD(jwt_fixture, "an audience is required") {
  CHECK(refusal_of(R"({"exp":)" + time(600) + "}") ==
        "the token has no audience");
}

TEST_CASE_METHOD(jwt_fixture, "an audience is or holds the workspace") {
  for (const auto* audience :
       {R"("ws-1")", R"(["ws-1"])", R"(["other","ws-1"])",
        R"(["ws-1","other"])", R"("\u0077s-1")"}) {
    CAPTURE(audience);
    CHECK(refusal_of(for_audience(audience)) == "accepted");
  }
  for (const auto* audience :
       {R"("")", R"("ws-2")", R"("ws-1 ")", R"("WS-1")", R"("ws-11")",
        R"("ws-")", R"("ws-1\u0000")", R"("*")", R"("other ws-1")", "[]",
        R"(["other"])"}) {
    CAPTURE(audience);
    CHECK(refusal_of(for_audience(audience)) ==
          "the token is for another audience");
  }
}

TEST_CASE_METHOD(jwt_fixture, "an audience is a string or an array of them") {
  for (const auto* audience :
       {"null", "1", "true", "{}", R"({"ws-1":"ws-1"})", R"(["ws-1",1])",
        R"([["ws-1"]])", R"([null,"ws-1"])"}) {
    CAPTURE(audience);
    CHECK(refusal_of(for_audience(audience)) ==
          "the token's audience is not a string or strings");
  }
}

TEST_CASE_METHOD(jwt_fixture, "a workspace without a name has no tokens") {
  rules.audience = "";
  CHECK(refusal_of(for_audience(R"("")")) ==
        "the token is for another audience");
}

TEST_CASE_METHOD(jwt_fixture, "nbf may be 30 seconds ahead") {
  CHECK(refusal_of(claims(R"(,"nbf":)" + time(-100))) == "accepted");
  CHECK(refusal_of(claims(R"(,"nbf":)" + time(30))) == "accepted");
  CHECK(refusal_of(claims(R"(,"nbf":)" + time(31))) ==
        "the token is not valid yet");
}

TEST_CASE_METHOD(jwt_fixture, "iat may be 30 seconds ahead") {
  CHECK(refusal_of(claims(R"(,"iat":)" + time(30))) == "accepted");
  CHECK(refusal_of(claims(R"(,"iat":)" + time(31))) ==
        "the token is issued in the future");
}

TEST_CASE_METHOD(jwt_fixture, "nbf and iat are integers and times") {
  for (const std::string name : {"nbf", "iat"})
    for (const std::string value :
         {"\"1800000000\"", "1.5", "1800000000.0", "1e3", "1e308", "-1", "null",
          "true", "[]", "9223372036854775808"}) {
      CAPTURE(name, value);
      CHECK(refusal_of(claims(",\"" + name + "\":" + value)) ==
            "the token's " + name + " is not a time");
    }
}

TEST_CASE_METHOD(jwt_fixture, "a token lives 24 hours at most") {
  const auto living = [&](std::int64_t issued, std::int64_t ends) {
    return refusal_of(R"({"aud":"ws-1","iat":)" + time(issued) + R"(,"exp":)" +
                      time(ends) + "}");
  };
  CHECK(living(0, day) == "accepted");
  CHECK(living(0, day + 1) == "the token lives too long");
  CHECK(living(-day + 1, 1) == "accepted");
  CHECK(living(-day, 1) == "the token lives too long");
  // Its age does not make room.
  CHECK(living(-day, day) == "the token lives too long");
}

TEST_CASE_METHOD(jwt_fixture, "without iat 24 hours are counted from now") {
  CHECK(refusal_of(expiring(time(day))) == "accepted");
  CHECK(refusal_of(expiring(time(day + 1))) == "the token lives too long");
  CHECK(refusal_of(expiring("253402300799")) == "the token lives too long");
}

TEST_CASE_METHOD(jwt_fixture, "tokens issued before a moment can be revoked") {
  rules.min_issued = now - 100;
  CHECK(refusal_of(claims(R"(,"iat":)" + time(-100))) == "accepted");
  CHECK(refusal_of(claims(R"(,"iat":)" + time(-101))) ==
        "the token has been revoked");
  CHECK(refusal_of(claims(R"(,"iat":0)")) == "the token lives too long");
  CHECK(refusal_of(claims()) == "the token does not say when it was issued");
}

TEST_CASE_METHOD(jwt_fixture, "a scope is a string or an array of them") {
  const auto scope_of = [&](const std::string& scope) {
    const auto out = verify(hmac.token(claims(R"(,"scope":)" + scope)));
    return out ? out->scope : out.error().detail;
  };
  constexpr const char* refused =
      "the token's scope is not a string or strings";
  CHECK(scope_of(R"("read")") == "read");
  CHECK(scope_of(R"("read terminal:3:view")") == "read terminal:3:view");
  CHECK(scope_of(R"("")").empty());
  CHECK(scope_of(R"(["read"])") == "read");
  CHECK(scope_of(R"(["read","terminal:3:view"])") == "read terminal:3:view");
  CHECK(scope_of("[]").empty());
  for (const auto* scope : {"null", "1", "{}", "true", "[1]", "[null]",
                            R"(["read",1])", R"([["read"]])", R"([""])"}) {
    CAPTURE(scope);
    CHECK(scope_of(scope) == refused);
  }
}

TEST_CASE_METHOD(jwt_fixture, "no element of a scope array is read as two") {
  for (const auto* scope :
       {R"(["files:/a all"])", R"(["files:/a,all"])", R"(["files:/a\tall"])",
        R"(["files:/a\nall"])", R"([" all"])"}) {
    CAPTURE(scope);
    CHECK(refusal_of(claims(R"(,"scope":)" + std::string{scope})) ==
          "the token's scope is not a string or strings");
  }
}

TEST_CASE_METHOD(jwt_fixture, "sub and jti are strings where they are") {
  const auto bare = verify(hmac.token(claims()));
  REQUIRE(bare);
  CHECK(bare->subject.empty());
  CHECK(bare->id.empty());
  CHECK(bare->scope.empty());
  CHECK(bare->issued_at == 0);
  for (const std::string name : {"sub", "jti"})
    for (const std::string value : {"null", "1", "[\"ann\"]", "{}"}) {
      CAPTURE(name, value);
      CHECK(refusal_of(claims(",\"" + name + "\":" + value)) ==
            "the token's " + name + " is not a string");
    }
}

TEST_CASE_METHOD(jwt_fixture, "no claim is there twice") {
  for (const std::string name :
       {"exp", "aud", "nbf", "iat", "sub", "scope", "jti"}) {
    CAPTURE(name);
    const auto field = ",\"" + name + "\":" + time(0);
    CHECK(refusal_of(claims(field + field)) ==
          "the token's claims are not a JSON object without twins");
  }
  CHECK(refusal_of(claims(R"(,"\u0065xp":)" + time(10))) ==
        "the token's claims are not a JSON object without twins");
}

TEST_CASE_METHOD(jwt_fixture, "claims nobody reads are ignored") {
  CHECK(refusal_of(claims(R"(,"iss":1,"admin":true,"x":{"exp":0})")) ==
        "accepted");
}

TEST_CASE_METHOD(jwt_fixture, "a signature is judged before any claim") {
  const test::jwt_signer forger{jwt_algorithm::hs256, "hmac"};
  for (const auto& text :
       {expiring(time(-1)), std::string{"no JSON"}, for_audience(R"("ws-2")")})
    CHECK(refusal(forger.token(text)) == "the token's signature is wrong");
}
