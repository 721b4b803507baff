// Form, header, key and signature; see jwt_claims_test.cpp for what a token
// says and jwt_key_test.cpp for what it is verified with.

#include "protocol/jwt.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

#include "protocol/limits.hpp"
#include "tests/protocol/jwt_fixture.hpp"
#include "tests/protocol/prefixes.hpp"

using namespace outrigger;
using outrigger::test::hmac_sha256;
using outrigger::test::jwt_fixture;
using outrigger::test::jwt_signer;
using outrigger::test::to_base64url;

namespace {

struct hostile_token {
  std::string name;
  std::string token;
  std::string refusal;
};

std::string without_signature(const std::string& token) {
  return token.substr(0, token.rfind('.') + 1);
}

/// `alg` and no signature, for each way to write it.
void add_unsigned(const jwt_fixture& in, std::vector<hostile_token>& out) {
  for (const std::string alg : {"none", "None", "NONE", "nOnE", ""})
    for (const std::string kid : {"hmac", "curve", "edwards"}) {
      const auto token = in.hmac.token(
          R"({"alg":")" + alg + R"(","kid":")" + kid + R"("})", in.claims());
      out.push_back({"alg '" + alg + "' for " + kid, without_signature(token),
                     "the token's algorithm is not its key's"});
      out.push_back({"alg '" + alg + "', signed, for " + kid, token,
                     "the token's algorithm is not its key's"});
    }
  for (const auto* signer : {&in.hmac, &in.curve, &in.edwards})
    out.push_back({"empty signature",
                   without_signature(signer->token(in.claims())),
                   "the token's signature is wrong"});
}

/// What is public taken for a secret, and one key for another.
void add_confusions(const jwt_fixture& in, std::vector<hostile_token>& out) {
  for (const auto* pair : {&in.curve, &in.edwards}) {
    const jwt_signer forger{pair->material(), pair->key().kid()};
    out.push_back({"HS256 by the public key", forger.token(in.claims()),
                   "the token's algorithm is not its key's"});
    out.push_back({"HMAC by the public key under its own name",
                   forger.token(pair->header(), in.claims()),
                   "the token's signature is wrong"});
  }
  out.push_back({"another key's kid",
                 in.hmac.token(in.curve.header(), in.claims()),
                 "the token's signature is wrong"});
  out.push_back({"another key of the same kind",
                 jwt_signer{jwt_algorithm::hs256, "hmac"}.token(in.claims()),
                 "the token's signature is wrong"});
  out.push_back({"another curve key",
                 jwt_signer{jwt_algorithm::es256, "curve"}.token(in.claims()),
                 "the token's signature is wrong"});
  out.push_back({"another edwards key",
                 jwt_signer{jwt_algorithm::eddsa, "edwards"}.token(in.claims()),
                 "the token's signature is wrong"});
  out.push_back({"unknown kid",
                 jwt_signer{in.hmac.material(), "nobody"}.token(in.claims()),
                 "the token is by an unknown key"});
  out.push_back({"no kid, though the key has one",
                 jwt_signer{in.hmac.material(), ""}.token(in.claims()),
                 "the token's signature is wrong"});
  out.push_back({"a known kid and more",
                 jwt_signer{in.hmac.material(), "hmac "}.token(in.claims()),
                 "the token is by an unknown key"});
}

void add_malformed(const jwt_fixture& in, std::vector<hostile_token>& out) {
  const auto good = in.hmac.token(in.claims());
  const auto add = [&out](const char* name, std::string token,
                          const char* refusal) {
    out.push_back({name, std::move(token), refusal});
  };
  constexpr const char* parts = "the token does not have three parts";
  constexpr const char* base64 = "the token is not base64url";
  constexpr const char* header =
      "the token's header is not a JSON object without twins";
  const auto second = good.rfind('.');
  add("nothing", "", parts);
  add("one segment", "abcd", parts);
  add("two segments", good.substr(0, second), parts);
  add("four segments", good + ".abcd", parts);
  add("four segments, the last empty", good + ".", parts);
  add("five segments", good + ".a.b", parts);
  add("only dots", "..", header);
  add("padding", good + "=", base64);
  add("padding in the middle", good.substr(0, second) + "=.abcd", base64);
  add("a blank before", " " + good, base64);
  add("a line break after", good + "\n", base64);
  add("a NUL after", good + std::string(1, '\0'), base64);
  add("the other alphabet", good.substr(0, second) + ".+/+/", base64);
  add("not ASCII", "\xc3\xa9." + good.substr(good.find('.') + 1), base64);
  add("a signature too long", good + "AAAA", "the token's signature is wrong");
  add("1 MiB of a segment", std::string(1024 * 1024, 'A') + ".A.A",
      "the token is too long");
  add("1 MiB of dots", std::string(1024 * 1024, '.'), "the token is too long");
  add("1 MiB, signed",
      in.hmac.token(in.claims(R"(,"x":")" + std::string(1 << 20, 'x') + '"')),
      "the token is too long");
  add("a header nested deeply", in.hmac.token(std::string(5000, '['), "{}"),
      header);
}

void add_headers(const jwt_fixture& in, std::vector<hostile_token>& out) {
  constexpr const char* other =
      "the token's header has a field other than alg, typ, kid";
  constexpr const char* twice =
      "the token's header is not a JSON object without twins";
  constexpr const char* type =
      "the token's header has a field that is not a string";
  constexpr const char* object =
      "the token's header is not a JSON object without twins";
  constexpr const char* none = "the token names no algorithm";
  const std::pair<std::string, const char*> rows[] = {
      {R"({"alg":"HS256","kid":"hmac","jwk":{"kty":"oct","k":"AA"}})", other},
      {R"({"alg":"HS256","kid":"hmac","jku":"https://evil.example/"})", other},
      {R"({"alg":"HS256","kid":"hmac","x5u":"https://evil.example/"})", other},
      {R"({"alg":"HS256","kid":"hmac","x5c":["AA"]})", other},
      {R"({"alg":"HS256","kid":"hmac","crit":["exp"],"exp":1})", other},
      {R"({"alg":"HS256","kid":"hmac","b64":false})", other},
      {R"({"alg":"HS256","kid":"hmac","zip":"DEF"})", other},
      {R"({"alg":"HS256","kid":"hmac","cty":"JWT"})", other},
      {R"({"alg":"HS256","kid":"hmac","":""})", other},
      {R"({"ALG":"HS256","alg":"HS256","kid":"hmac"})", other},
      {R"({"alg":"HS256","alg":"HS256","kid":"hmac"})", twice},
      {R"({"alg":"none","kid":"hmac","alg":"HS256"})", twice},
      {R"({"alg":"HS256","kid":"hmac","\u0061lg":"none"})", twice},
      {R"({"alg":"HS256","kid":"nobody","kid":"hmac"})", twice},
      {R"({"alg":"HS256","typ":"JWT","typ":"JWT","kid":"hmac"})", twice},
      {R"({"alg":1,"kid":"hmac"})", type},
      {R"({"alg":null,"kid":"hmac"})", type},
      {R"({"alg":["HS256"],"kid":"hmac"})", type},
      {R"({"alg":"HS256","kid":null})", type},
      {R"({"alg":"HS256","kid":{"x":1}})", type},
      {R"({"alg":"HS256","kid":"hmac","typ":7})", type},
      {R"({"kid":"hmac"})", none},
      {R"({})", none},
      {R"(["HS256"])", object},
      {R"("HS256")", object},
      {R"(null)", object},
      {R"({"alg":"HS256","kid":"hmac")", object},
      {R"({"alg":"HS256","kid":"hmac"}{})", object},
      {"{\"alg\":\"HS256\",\"kid\":\"hmac\"}" + std::string(1, '\0'), object},
      {"{\"alg\":\"HS256\",\"kid\":\"hmac\xff\"}", object},
      {R"({"alg":"hs256","kid":"hmac"})",
       "the token's algorithm is not its key's"},
      {R"({"alg":"HS512","kid":"hmac"})",
       "the token's algorithm is not its key's"},
      {R"({"alg":"RS256","kid":"hmac"})",
       "the token's algorithm is not its key's"},
      {R"({"alg":"HS256\u0000","kid":"hmac"})",
       "the token's algorithm is not its key's"}};
  for (const auto& [text, refusal] : rows)
    out.push_back({text, in.hmac.token(text, in.claims()), refusal});
}

/// Signatures of the wrong size or with absurd numbers in them.
void add_signatures(const jwt_fixture& in, std::vector<hostile_token>& out) {
  const test::key_pair pair{test::key_kind::p256};
  for (const auto* signer : {&in.hmac, &in.curve, &in.edwards}) {
    const auto input =
        to_base64url(signer->header()) + '.' + to_base64url(in.claims());
    const auto right = signer->signature(input);
    const auto add = [&](const char* name, const std::string& signature) {
      out.push_back({name + (" for " + signer->key().kid()),
                     input + '.' + to_base64url(signature),
                     "the token's signature is wrong"});
    };
    for (const std::size_t size :
         {1u, 31u, 32u, 33u, 63u, 64u, 65u, 72u, 5000u}) {
      add("zeros", std::string(size, '\0'));
      add("ones", std::string(size, '\xff'));
    }
    add("one byte short", right.substr(0, right.size() - 1));
    add("one byte long", right + '\0');
    add("one byte before", '\0' + right);
    add("twice", right + right);
    add("another's DER", pair.sign_plain(input));
  }
}

/// Properly signed claims that will not do; jwt_claims_test.cpp has them all.
void add_claims(const jwt_fixture& in, std::vector<hostile_token>& out) {
  const auto later = in.time(600);
  const std::pair<std::string, const char*> rows[] = {
      {R"({"aud":"ws-1"})", "the token has no expiry"},
      {R"({"aud":"ws-1","exp":")" + later + R"("})",
       "the token's exp is not a time"},
      {R"({"aud":"ws-1","exp":1e308})", "the token's exp is not a time"},
      {R"({"aud":"ws-1","exp":-1})", "the token's exp is not a time"},
      {R"({"aud":"ws-1","exp":0})", "the token has expired"},
      {R"({"exp":)" + later + "}", "the token has no audience"},
      {R"({"aud":"ws-2","exp":)" + later + "}",
       "the token is for another audience"},
      {in.claims(R"(,"nbf":)" + in.time(31)), "the token is not valid yet"},
      {in.claims(R"(,"x":)" + std::string(5000, '[')),
       "the token's claims are not a JSON object without twins"}};
  for (const auto& [text, refusal] : rows)
    out.push_back({text, in.hmac.token(text), refusal});
}

std::vector<hostile_token> hostile_tokens(const jwt_fixture& in) {
  std::vector<hostile_token> out;
  add_unsigned(in, out);
  add_confusions(in, out);
  add_malformed(in, out);
  add_headers(in, out);
  add_signatures(in, out);
  add_claims(in, out);
  return out;
}

std::chrono::nanoseconds best_of_five(const std::function<void()>& run) {
  auto best = std::chrono::nanoseconds::max();
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    run();
    best = std::min<std::chrono::nanoseconds>(
        best, std::chrono::steady_clock::now() - begin);
  }
  return best;
}

} // namespace

TEST_CASE("algorithms have exactly their JWS names") {
  CHECK(parse_jwt_algorithm("HS256") == jwt_algorithm::hs256);
  CHECK(parse_jwt_algorithm("ES256") == jwt_algorithm::es256);
  CHECK(parse_jwt_algorithm("EdDSA") == jwt_algorithm::eddsa);
  for (const auto* name : {"", "none", "hs256", "HS256 ", "HS384", "RS256",
                           "ES256K", "ES384", "EDDSA", "Ed25519"}) {
    CAPTURE(name);
    CHECK_FALSE(parse_jwt_algorithm(name));
  }
}

TEST_CASE("two dots make the form of a JWT") {
  CHECK(looks_like_jwt("a.b.c"));
  CHECK(looks_like_jwt(".."));
  CHECK_FALSE(looks_like_jwt(""));
  CHECK_FALSE(looks_like_jwt("a.b"));
  CHECK_FALSE(looks_like_jwt("a.b.c.d"));
}

TEST_CASE_METHOD(jwt_fixture, "a token of each algorithm is verified") {
  for (const auto* signer : {&hmac, &curve, &edwards, &plain}) {
    const auto kid = signer->key().kid();
    CAPTURE(kid);
    const auto out = verify(signer->token(claims(
        R"(,"sub":"ann","scope":"read files","jti":"7","iat":)" + time(-5))));
    REQUIRE(out);
    CHECK(out->subject == "ann");
    CHECK(out->scope == "read files");
    CHECK(out->id == "7");
    CHECK(out->key_id == signer->key().id());
    CHECK(out->issued_at == now - 5);
    CHECK(out->expires_at == now + 600);
  }
}

TEST_CASE_METHOD(jwt_fixture, "a header needs no typ, and any typ will do") {
  CHECK(verify(hmac.token(R"({"kid":"hmac","alg":"HS256"})", claims())));
  CHECK(verify(hmac.token(
      R"( {"typ" : "at+jwt", "alg" : "HS256", "kid" : "hmac"} )", claims())));
}

TEST_CASE_METHOD(jwt_fixture, "a token without kid is by the key without one") {
  CHECK(verify(plain.token(R"({"alg":"HS256"})", claims())));
  CHECK(verify(plain.token(R"({"alg":"HS256","kid":""})", claims())));
}

TEST_CASE_METHOD(jwt_fixture, "without keys every token is by an unknown one") {
  keys.clear();
  CHECK(refusal(plain.token(claims())) == "the token is by an unknown key");
}

TEST_CASE_METHOD(jwt_fixture, "hostile tokens are refused for what they are") {
  for (const auto& row : hostile_tokens(*this)) {
    CAPTURE(row.name);
    CHECK(refusal(row.token) == row.refusal);
  }
}

TEST_CASE_METHOD(jwt_fixture, "to refuse a hostile token takes no 5 ms") {
  for (const auto& row : hostile_tokens(*this)) {
    CAPTURE(row.name);
    CHECK(best_of_five([&] { static_cast<void>(verify(row.token)); }) <
          std::chrono::milliseconds{5});
  }
}

TEST_CASE_METHOD(jwt_fixture, "a token cut short anywhere is refused") {
  for (const auto* signer : {&hmac, &curve, &edwards})
    test::for_each_prefix(signer->token(claims()), [&](std::string_view cut) {
      CAPTURE(cut);
      CHECK(refusal(cut) != "accepted");
    });
}

TEST_CASE_METHOD(jwt_fixture, "a token with any other character is refused") {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const auto* signer : {&hmac, &curve, &edwards}) {
    const auto good = signer->token(claims());
    for (std::size_t at = 0; at < good.size(); ++at) {
      auto bad = good;
      for (const char c : {alphabet[at % 64], alphabet[(at + 1) % 64], '.'}) {
        if (c == good[at])
          continue;
        bad[at] = c;
        CAPTURE(bad);
        CHECK(refusal(bad) != "accepted");
      }
    }
  }
}

TEST_CASE_METHOD(jwt_fixture, "stray bits in a last character are refused") {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // 32 bytes are 42 characters and one with two bits to spare, 64 bytes 85
  // and one with four.
  for (const auto* signer : {&hmac, &curve, &edwards}) {
    const auto good = signer->token(claims());
    const auto last = alphabet.find(good.back());
    const std::size_t spare = signer == &hmac ? 3 : 15;
    REQUIRE((last & spare) == 0);
    for (std::size_t stray = 1; stray <= spare; ++stray) {
      auto bad = good;
      bad.back() = alphabet[last | stray];
      CHECK(refusal(bad) == "the token is not base64url");
    }
  }
}

TEST_CASE_METHOD(jwt_fixture, "a token has 8 KiB at most") {
  // Four characters more for three bytes more of a claim.
  const auto of_size = [&](std::size_t padding) {
    return hmac.token(claims(R"(,"x":")" + std::string(padding, 'x') + '"'));
  };
  std::size_t padding = 6000;
  while (of_size(padding + 1).size() <= limits::max_jwt)
    ++padding;
  CHECK(of_size(padding).size() > limits::max_jwt - 2);
  CHECK(verify(of_size(padding)));
  CHECK(refusal(of_size(padding + 1)) == "the token is too long");
}
