// Preconditions: entity tags and dates.

#include "protocol/http_conditions.hpp"

#include <catch2/catch.hpp>

#include <functional>

#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

using tags = std::vector<std::string>;

constexpr std::string_view own = "\"v1\"";
constexpr std::int64_t modified = 784'111'777;
const std::string at_that_time = "Sun, 06 Nov 1994 08:49:37 GMT";
const std::string before = "Sun, 06 Nov 1994 08:49:36 GMT";
const std::string after = "Sun, 06 Nov 1994 08:49:38 GMT";

read_verdict judge(const std::function<void(request_fields&)>& fill) {
  request_fields fields;
  fill(fields);
  return judge_read(fields, own, modified);
}

read_verdict match(const std::string& field) {
  return judge([&](auto& fields) { fields.if_match = field; });
}

read_verdict none_match(const std::string& field) {
  return judge([&](auto& fields) { fields.if_none_match = field; });
}

} // namespace

TEST_CASE("a list of tags is read, weak ones apart") {
  CHECK(parse_entity_tags("").value() == entity_tags{});
  CHECK(parse_entity_tags(" * ").value() == entity_tags{true, {}, {}});
  CHECK(parse_entity_tags("\"a\"").value() == entity_tags{false, {"a"}, {}});
  CHECK(parse_entity_tags("\"a\", W/\"b\" ,\t\"\"").value() ==
        entity_tags{false, {"a", ""}, {"b"}});
  CHECK(parse_entity_tags(" ,, \"a,b\",").value() ==
        entity_tags{false, {"a,b"}, {}});
  CHECK(parse_entity_tags("\"a\\\",\"\xc3\xa9\"").value() ==
        entity_tags{false, {"a\\", "\xc3\xa9"}, {}});
}

TEST_CASE("tags that are malformed are an error") {
  for (const char* field :
       {"a", "\"a", "a\"", "\"a\"b", "\"a\" \"b\"", "w/\"a\"", "W/a", "W/",
        "W/ \"a\"", "*, \"a\"", "\"a\", *", "**", "\"a b\"", "\"a\tb\"",
        "\"a\x7f\"", "'a'", "\"a\";\"b\""}) {
    INFO(field);
    const auto parsed = parse_entity_tags(field);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code == errc::malformed);
  }
}

TEST_CASE("a list of tags that is cut short is an error or a shorter list") {
  const std::string whole = "\"a\", W/\"b\", \"c\"";
  test::for_each_prefix(whole, [](std::string_view cut) {
    const auto parsed = parse_entity_tags(cut);
    if (parsed)
      CHECK(parsed->strong.size() + parsed->weak.size() < 3);
  });
}

TEST_CASE("without conditions a file is sent") {
  CHECK(judge([](auto&) {}) == read_verdict::proceed);
}

TEST_CASE("If-Match wants the very version") {
  CHECK(match("\"v1\"") == read_verdict::proceed);
  CHECK(match("\"v0\", \"v1\"") == read_verdict::proceed);
  CHECK(match("*") == read_verdict::proceed);
  CHECK(match("\"v0\"") == read_verdict::failed);
  CHECK(match("W/\"v1\"") == read_verdict::failed);
  CHECK(match("v1") == read_verdict::failed);
  CHECK(match(",") == read_verdict::failed);
}

TEST_CASE("If-None-Match wants any other version") {
  CHECK(none_match("\"v1\"") == read_verdict::not_modified);
  CHECK(none_match("\"v0\", \"v1\"") == read_verdict::not_modified);
  CHECK(none_match("W/\"v1\"") == read_verdict::not_modified);
  CHECK(none_match("*") == read_verdict::not_modified);
  CHECK(none_match("\"v0\"") == read_verdict::proceed);
  CHECK(none_match("v1") == read_verdict::proceed);
}

TEST_CASE("dates are compared when there are no tags") {
  const auto unmodified = [](const std::string& date) {
    return judge([&](auto& fields) { fields.if_unmodified_since = date; });
  };
  CHECK(unmodified(before) == read_verdict::failed);
  CHECK(unmodified(at_that_time) == read_verdict::proceed);
  CHECK(unmodified(after) == read_verdict::proceed);
  CHECK(unmodified("yesterday") == read_verdict::proceed);
  const auto since = [](const std::string& date) {
    return judge([&](auto& fields) { fields.if_modified_since = date; });
  };
  CHECK(since(before) == read_verdict::proceed);
  CHECK(since(at_that_time) == read_verdict::not_modified);
  CHECK(since(after) == read_verdict::not_modified);
  CHECK(since("yesterday") == read_verdict::proceed);
}

TEST_CASE("tags count before dates, what must hold before what is known") {
  CHECK(judge([](auto& fields) {
          fields.if_match = "\"v1\"";
          fields.if_unmodified_since = before;
        }) == read_verdict::proceed);
  CHECK(judge([](auto& fields) {
          fields.if_none_match = "\"v0\"";
          fields.if_modified_since = after;
        }) == read_verdict::proceed);
  CHECK(judge([](auto& fields) {
          fields.if_match = "\"v0\"";
          fields.if_none_match = "\"v1\"";
        }) == read_verdict::failed);
  CHECK(judge([](auto& fields) {
          fields.if_match = "\"v1\"";
          fields.if_none_match = "\"v1\"";
        }) == read_verdict::not_modified);
  CHECK(judge([](auto& fields) {
          fields.if_unmodified_since = before;
          fields.if_none_match = "\"v1\"";
        }) == read_verdict::failed);
}

TEST_CASE("a range counts for the version it was begun with") {
  CHECK(range_applies("", own));
  CHECK(range_applies("\"v1\"", own));
  CHECK_FALSE(range_applies("\"v0\"", own));
  CHECK_FALSE(range_applies("W/\"v1\"", own));
  CHECK_FALSE(range_applies("\"v1\", \"v1\"", own));
  CHECK_FALSE(range_applies("*", own));
  CHECK_FALSE(range_applies(at_that_time, own));
}

TEST_CASE("dates are written and read alike") {
  CHECK(http_date(modified) == at_that_time);
  CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http_date(-1) == "Wed, 31 Dec 1969 23:59:59 GMT");
  CHECK(http_date(951'782'400) == "Tue, 29 Feb 2000 00:00:00 GMT");
  CHECK(http_date(INT64_MAX) == "Fri, 31 Dec 9999 23:59:59 GMT");
  CHECK(http_date(INT64_MIN) == "Sat, 01 Jan 0000 00:00:00 GMT");
  for (const std::int64_t time :
       {std::int64_t{0}, modified, std::int64_t{-1}, std::int64_t{951'782'400},
        std::int64_t{4'102'444'799}, std::int64_t{253'402'300'799},
        std::int64_t{-62'167'219'200}})
    CHECK(parse_http_date(http_date(time)) == time);
}

TEST_CASE("what is no date, or in another form, is not read") {
  for (const char* text :
       {"", "Mon, 06 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Wed, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Xxx 1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 -8:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMTX",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    INFO(text);
    CHECK_FALSE(parse_http_date(text));
  }
  test::for_each_prefix(at_that_time, [](std::string_view cut) {
    CHECK_FALSE(parse_http_date(cut));
  });
}
