#include "protocol/expiry.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

constexpr std::int64_t now = 1'770'091'506; // 2026-02-03T04:05:06Z

std::optional<std::int64_t> end_of(const char* text) {
  const auto end = parse_expiry(text, now);
  if (!end)
    FAIL(end.error().detail);
  return *end;
}

} // namespace

TEST_CASE("a token ends after a while") {
  CHECK(end_of("1s") == now + 1);
  CHECK(end_of("5m") == now + 300);
  CHECK(end_of("12h") == now + 43'200);
  CHECK(end_of("30d") == now + 2'592'000);
  CHECK(end_of("2w") == now + 1'209'600);
  CHECK(end_of("3650d") == now + 315'360'000);
}

TEST_CASE("a token ends with a day, or never") {
  CHECK(end_of("2026-02-03") == 1'770'163'199);
  CHECK(end_of("2026-12-31") == 1'798'761'599);
  CHECK(end_of("2028-02-29") == 1'835'481'599);
  CHECK(end_of("never") == std::nullopt);
}

TEST_CASE("what is no end is refused and says what is") {
  for (const auto* text : {"",
                           "30",
                           "d",
                           "-1d",
                           "+1d",
                           "1.5d",
                           " 1d",
                           "1d ",
                           "1 d",
                           "1D",
                           "1y",
                           "Never",
                           "2026-2-3",
                           "2026-13-01",
                           "2026-02-30",
                           "2027-02-29",
                           "2026-00-10",
                           "2026-01-00",
                           "2026/12/31",
                           "26-12-31",
                           "2026-12-31T",
                           "2026-12-31-",
                           "-026-12-31",
                           "2026-12-3x",
                           "\xff"}) {
    CAPTURE(text);
    const auto refused = parse_expiry(text, now);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::malformed);
    CHECK_THAT(refused.error().detail, Catch::StartsWith("must be a time "));
  }
}

TEST_CASE("an end must be ahead, and not too far") {
  for (const auto* text :
       {"0s", "0d", "2026-02-02", "1970-01-01", "0000-01-01"})
    CHECK(parse_expiry(text, now).error().detail == "must be in the future");
  for (const auto* text :
       {"3651d", "315360001s", "18446744073709551615s", "18446744073709551615w",
        "2036-02-02", "9999-12-31"}) {
    CAPTURE(text);
    CHECK(parse_expiry(text, now).error().detail ==
          "must be within ten years, or never");
  }
  CHECK(parse_expiry("18446744073709551616s", now).has_error());
}
