// One key of each algorithm, the workspace "ws-1" and a fixed hour: what the
// tests of JWTs have in common.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/jwt_signer.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger::test {

struct jwt_fixture {
  static constexpr std::int64_t now = 1'800'000'000;

  jwt_signer hmac{jwt_algorithm::hs256, "hmac"};
  jwt_signer curve{jwt_algorithm::es256, "curve"};
  jwt_signer edwards{jwt_algorithm::eddsa, "edwards"};
  jwt_signer plain{jwt_algorithm::hs256, ""};
  std::vector<jwt_key> keys{hmac.key(), curve.key(), edwards.key(),
                            plain.key()};
  jwt_rules rules{"ws-1"};

  /// "1800000000", `ahead` seconds later.
  static std::string time(std::int64_t ahead) {
    return std::to_string(now + ahead);
  }

  /// Claims that are all right, and `more`, which begins with a comma.
  static std::string claims(std::string_view more = {}) {
    return R"({"aud":"ws-1","exp":)" + time(600) + std::string{more} + "}";
  }

  [[nodiscard]] result<jwt_claims> verify(std::string_view token) const {
    return verify_jwt(token, keys, rules, now);
  }

  /// Why this token is refused; "accepted" when it is not.
  [[nodiscard]] std::string refusal(std::string_view token) const {
    const auto out = verify(token);
    if (out)
      return "accepted";
    CHECK(out.error().code == errc::unauthorized);
    return out.error().detail;
  }

  /// The same of a properly signed token with these claims.
  [[nodiscard]] std::string refusal_of(std::string_view claims) const {
    return refusal(hmac.token(claims));
  }
};

} // namespace outrigger::test
