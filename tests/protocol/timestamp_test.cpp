#include "protocol/timestamp.hpp"

#include <limits>

#include <catch2/catch.hpp>

using outrigger::to_rfc3339;

TEST_CASE("timestamps are RFC 3339 in UTC with milliseconds") {
  CHECK(to_rfc3339(0) == "1970-01-01T00:00:00.000Z");
  CHECK(to_rfc3339(1'709'210'096'789) == "2024-02-29T12:34:56.789Z");
  CHECK(to_rfc3339(-1) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("times out of range are clamped to four-digit years") {
  CHECK(to_rfc3339(std::numeric_limits<std::int64_t>::max()) ==
        "9999-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(std::numeric_limits<std::int64_t>::min()) ==
        "0000-01-01T00:00:00.000Z");
}
