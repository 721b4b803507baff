#include "protocol/log_fields.hpp"

#include <limits>

#include <catch2/catch.hpp>

using namespace outrigger;

TEST_CASE("fields and message come back as they went in") {
  const auto payload =
      with_fields("http: read: eof",
                  {{"request_id", "2a"}, {"bytes", 512u}, {"seconds", 1.5}});
  const auto parts = split_fields(payload);
  CHECK(parts.message == "http: read: eof");
  REQUIRE(parts.fields.size() == 3);
  CHECK(parts.fields[0].name == "request_id");
  CHECK(parts.fields[0].value == "2a");
  CHECK_FALSE(parts.fields[0].number);
  CHECK(parts.fields[1].value == "512");
  CHECK(parts.fields[1].number);
  CHECK(parts.fields[2].value == "1.500");
}

TEST_CASE("a payload may have no fields or no message") {
  CHECK(split_fields(with_fields("a", {})).message == "a");
  CHECK(split_fields(with_fields("a", {})).fields.empty());
  const auto parts = split_fields(with_fields("", {{"id", ""}}));
  CHECK(parts.message.empty());
  REQUIRE(parts.fields.size() == 1);
  CHECK(parts.fields[0].value.empty());
}

TEST_CASE("an ordinary message is a message without fields") {
  for (const std::string_view text :
       {"terminal 3: started", "", "\x1e", "\x1egarbage", "\x1e a\x1d\x1e b",
        "later \x1eid\x1fs1\x1d\x1e"}) {
    CAPTURE(text);
    CHECK(split_fields(text).message == text);
    CHECK(split_fields(text).fields.empty());
  }
}

TEST_CASE("a value cannot add a field or end the block") {
  const std::string hostile = "x\x1d"
                              "admin\x1fs1\x1d\x1e"
                              "forged";
  const auto payload = with_fields("real", {{"path", hostile}});
  const auto parts = split_fields(payload);
  CHECK(parts.message == "real");
  REQUIRE(parts.fields.size() == 1);
  CHECK(parts.fields[0].value == "x\\x1dadmin\\x1fs1\\x1d\\x1eforged");
}

TEST_CASE("a number that JSON cannot write is zero") {
  const auto payload =
      with_fields("", {{"a", std::numeric_limits<double>::infinity()},
                       {"b", std::numeric_limits<double>::quiet_NaN()},
                       {"c", 1e300}});
  const auto parts = split_fields(payload);
  CHECK(parts.fields[0].value == "0.000");
  CHECK(parts.fields[1].value == "0.000");
  CHECK(parts.fields[2].value == "0"); // too long to be written out
}
