// A JSON Web Token. An input of several lines is also signed, its first line
// as the header and the rest as the claims: what no stranger can send, but an
// issuer.

#include "protocol/jwt.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/base64url.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/jwt_signer.hpp"

using namespace outrigger;

namespace {

constexpr std::int64_t now = 1'800'000'000;
constexpr std::int64_t day = 24 * 60 * 60;
constexpr jwt_rules rules{"ws-1"};

/// Whose other halves nobody kept.
constexpr const char* curve_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbCRCiW/5oorqTjuRhrIu6GVA3gsk\n"
    "NjEL/TurKiPyHWej/l6CxsaMch6uuBVEVkER12n1kAg7HmbsxIQtosgwSA==\n"
    "-----END PUBLIC KEY-----\n";
constexpr const char* edwards_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA+tVCazMRviyrQTuBWKmAvNAFjYglYNWGKCArVcBfmhA=\n"
    "-----END PUBLIC KEY-----\n";

/// The tokens that are valid, one of each algorithm, 600 s from the end; the
/// corpus begins with them.
constexpr std::array<std::string_view, 3> valid{
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImgifQ."
    "eyJhdWQiOiJ3cy0xIiwiZXhwIjoxODAwMDAwNjAwLCJpYXQiOjE4MDAwMDAwMDAsInNjb3BlI"
    "joicmVhZCJ9."
    "Wb_yrBt2Aco7wWi2-OThDexQ4j3fEDk8S2DlXoE5SVk",
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImUifQ."
    "eyJhdWQiOiJ3cy0xIiwiZXhwIjoxODAwMDAwNjAwLCJpYXQiOjE4MDAwMDAwMDAsInNjb3BlI"
    "joicmVhZCJ9."
    "31lt6N4Dej109D-JmPSh7AEAnnUKZR5chUMdfRAP2HVAdj8Xo3sNCR6UfOG9Nxi3Gc89SvmVQ"
    "qgB4DAeeF6B8g",
    "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImQifQ."
    "eyJhdWQiOiJ3cy0xIiwiZXhwIjoxODAwMDAwNjAwLCJpYXQiOjE4MDAwMDAwMDAsInNjb3BlI"
    "joicmVhZCJ9."
    "c8fwLieCqgi4wZdBUMdyQesiGL5bvZw3PHwrmxRjNEZhS74MpY5ABwoKzJgFqrpVxZQstLj_I"
    "VBwe3fm-PzKBg"};

const test::jwt_signer& issuer() {
  static const test::jwt_signer out{"0123456789abcdef0123456789abcdef", "h"};
  return out;
}

std::vector<jwt_key> make_keys() {
  auto curve = jwt_key::make("e", jwt_algorithm::es256, curve_key);
  auto edwards = jwt_key::make("d", jwt_algorithm::eddsa, edwards_key);
  fuzz::require(curve && edwards, "the keys are good");
  return {issuer().key(), *curve, *edwards};
}

const std::vector<jwt_key>& keys() {
  static const auto out = make_keys();
  return out;
}

void check_refusal(const error& refusal) {
  fuzz::require(refusal.code == errc::unauthorized &&
                    refusal.detail.rfind("the token", 0) == 0,
                "a refusal is a sentence about the token");
}

void check_received(std::string_view token) {
  const auto out = verify_jwt(token, keys(), rules, now);
  const bool good = std::find(valid.begin(), valid.end(), token) != valid.end();
  fuzz::require(out.has_value() == good,
                "what is signed is accepted, and nothing else");
  if (!out)
    check_refusal(out.error());
}

void check_issued(std::string_view token) {
  const auto out = verify_jwt(token, keys(), rules, now);
  if (!out)
    return check_refusal(out.error());
  fuzz::require(out->key_id == issuer().key().id(), "the key is the signer's");
  fuzz::require(out->expires_at > now && out->expires_at <= now + day + 30,
                "a token lives a day at most");
  fuzz::require(out->issued_at >= 0 && out->issued_at <= now + 30,
                "a token is issued in the past");
  fuzz::require(!verify_jwt(token, keys(), rules, out->expires_at),
                "a token expires");
  fuzz::require(!verify_jwt(token, keys(), {"ws-1", out->issued_at + 1}, now),
                "a token can be revoked");
  fuzz::require(!verify_jwt(token, std::span{keys()}.subspan(1), rules, now),
                "a token needs its key");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::view_of(data, size);
  check_received(input);
  if (const auto bytes = from_base64url(input))
    fuzz::require(test::to_base64url(*bytes) == input,
                  "bytes have one text in base64url");
  auto claims = input;
  const auto header = fuzz::take_line(claims);
  if (header.size() < input.size())
    check_issued(issuer().token(header, claims));
  return 0;
}
