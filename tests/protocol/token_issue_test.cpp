#include "protocol/token_issue.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

constexpr std::int64_t now = 1'770'091'506;

create_token wish(const char* scopes = "read") {
  return {"ci", *parse_scopes(scopes), now + 60};
}

token_entropy entropy(std::uint8_t secret, std::uint8_t id) {
  token_entropy out;
  out.secret.fill(secret);
  out.id.fill(id);
  return out;
}

} // namespace

TEST_CASE("a token's text is its 256 bits, recognisable and safe in URLs") {
  std::array<std::uint8_t, 32> secret{};
  CHECK(token_text(secret) == "otr_" + std::string(43, 'A'));
  secret.fill(0xff);
  CHECK(token_text(secret) == "otr_" + std::string(42, '_') + "8");
  secret.fill(0xfb);
  const auto text = token_text(secret);
  CHECK(text.size() == 47);
  CHECK(text.find_first_of("+/=") == std::string::npos);
}

TEST_CASE("what is kept of a token is its digest, not its text") {
  token_register all;
  const auto made =
      issue_token(all, wish("terminal:3:view"), entropy(7, 0x1a), now);
  REQUIRE(made.has_value());
  REQUIRE(all.tokens.size() == 1);
  const auto& kept = all.tokens[0];
  CHECK(kept.id == "1a1a1a1a");
  CHECK(kept.name == "ci");
  CHECK(kept.digest == sha256(made->text));
  CHECK(kept.scopes.to_text() == "terminal:3:view");
  CHECK(kept.created_at == now);
  CHECK(kept.expires_at == now + 60);
  CHECK(to_json(all).find(made->text.substr(4)) == std::string::npos);
  const auto read = parse_token_register(to_json(all));
  REQUIRE(read.has_value());
  CHECK(read->tokens.at(0).digest == kept.digest);
}

TEST_CASE("two tokens never have one id") {
  token_register all;
  CHECK(issue_token(all, wish(), entropy(1, 0xff), now)->record.id ==
        "ffffffff");
  CHECK(issue_token(all, wish(), entropy(2, 0xff), now)->record.id ==
        "00000000");
  CHECK(issue_token(all, wish(), entropy(3, 0xff), now)->record.id ==
        "00000001");
}

TEST_CASE("a full register says how to make room") {
  token_register all;
  for (int i = 0; i < 1000; ++i) {
    token_entropy random;
    random.secret[0] = static_cast<std::uint8_t>(i >> 8);
    random.secret[1] = static_cast<std::uint8_t>(i);
    REQUIRE(issue_token(all, wish(), random, now).has_value());
  }
  CHECK(parse_token_register(to_json(all)).has_value());
  const auto refused = issue_token(all, wish(), entropy(1, 1), now + 60);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::conflict);
  CHECK_THAT(refused.error().detail, Catch::Contains("1000 have expired"));
  CHECK(all.tokens.size() == 1000);
}

TEST_CASE("revoked tokens are gone, the others stay") {
  token_register all;
  for (std::uint8_t id = 1; id <= 3; ++id)
    REQUIRE(issue_token(all, wish(), entropy(id, id), now).has_value());
  CHECK(revoke(all, {{"01010101", "03030303"}, false}, now).has_value());
  REQUIRE(all.tokens.size() == 1);
  CHECK(all.tokens[0].id == "02020202");
  CHECK(all.min_issued == 0);
}

TEST_CASE("an unknown id is named, and nothing is revoked") {
  token_register all;
  REQUIRE(issue_token(all, wish(), entropy(1, 1), now).has_value());
  const auto refused =
      revoke(all, {{"01010101", "0badcafe", "\x1b[2J\xff"}, true}, now);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::not_found);
  CHECK_THAT(refused.error().detail, Catch::Contains("0badcafe") &&
                                         !Catch::Contains("01010101") &&
                                         !Catch::Contains("\x1b"));
  CHECK(all.tokens.size() == 1);
  CHECK(all.min_issued == 0);
}

TEST_CASE("revoking JWTs moves their time forward only") {
  token_register all;
  CHECK(revoke(all, {{}, true}, now).has_value());
  CHECK(all.min_issued == now);
  CHECK(revoke(all, {{}, true}, now - 1000).has_value());
  CHECK(all.min_issued == now);
}
