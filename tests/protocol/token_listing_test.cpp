#include "protocol/token_listing.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

constexpr std::int64_t now = 1'770'091'506; // 2026-02-03T04:05:06Z

token_register two_tokens() {
  token_register out;
  out.tokens.push_back({"1a2b3c4d", "ci", sha256("a"),
                        *parse_scopes("terminal:3:view"), now, now + 60});
  out.tokens.push_back(
      {"00000001", "", sha256("b"), *parse_scopes("read"), now, {}});
  return out;
}

} // namespace

TEST_CASE("tokens are a table whose columns are aligned") {
  CHECK(to_table(two_tokens(), now) ==
        "ID        NAME  SCOPES           CREATED               EXPIRES\n"
        "1a2b3c4d  ci    terminal:3:view  2026-02-03T04:05:06Z  "
        "2026-02-03T04:06:06Z\n"
        "00000001        read             2026-02-03T04:05:06Z  never\n");
  CHECK(to_table({}, now) == "no tokens\n");
}

TEST_CASE("an expired token is called so, from its last second on") {
  const auto all = two_tokens();
  CHECK_THAT(to_table(all, now + 59), !Catch::Contains("expired"));
  CHECK_THAT(to_table(all, now + 60),
             Catch::Contains("expired 2026-02-03T04:06:06Z"));
  CHECK_THAT(to_listing(all, now + 59), !Catch::Contains("\"expired\":true"));
  CHECK_THAT(to_listing(all, now + 60), Catch::Contains("\"expired\":true"));
}

TEST_CASE("a name of any characters leaves the table a table") {
  auto all = two_tokens();
  all.tokens[0].name = "\xc3\xa9\xc3\xa9\n\x1b[2J";
  const auto table = to_table(all, now);
  CHECK_THAT(table,
             Catch::Contains("\xc3\xa9\xc3\xa9\\x0a\\x1b[2J  terminal") &&
                 !Catch::Contains("\x1b"));
  all.tokens[0].name = "\xc3\xa9\xc3\xa9";
  CHECK_THAT(to_table(all, now),
             Catch::Contains("\xc3\xa9\xc3\xa9    terminal"));
}

TEST_CASE("the table says that JSON Web Tokens are revoked") {
  token_register all;
  all.min_issued = now;
  CHECK(to_table(all, now) == "no tokens\nJSON Web Tokens issued before "
                              "2026-02-03T04:05:06Z are revoked\n");
}

TEST_CASE("for programs tokens are JSON, without what is kept of them") {
  auto all = two_tokens();
  all.min_issued = 5;
  CHECK(to_listing(all, now) ==
        R"({"min_issued":5,"tokens":[{"id":"1a2b3c4d","name":"ci",)"
        R"("scopes":"terminal:3:view","created_at":1770091506,)"
        R"("expires_at":1770091566,"expired":false},{"id":"00000001",)"
        R"("name":"","scopes":"read","created_at":1770091506,)"
        R"("expires_at":null,"expired":false}]})");
}

TEST_CASE("times outside of a calendar's are clamped") {
  CHECK(written_time(-1) == "1970-01-01T00:00:00Z");
  CHECK(written_time(INT64_MAX) == "9999-12-31T23:59:59Z");
}
