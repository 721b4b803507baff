#include "net/call_fields.hpp"

#include <catch2/catch.hpp>

namespace outrigger {

namespace http = boost::beast::http;

TEST_CASE("a call is told the fields it may need") {
  http::request_header<> head;
  head.set(http::field::content_type, "text/plain");
  head.set(http::field::range, "bytes=0-1");
  head.set(http::field::if_range, "\"a\"");
  head.set(http::field::if_match, "\"b\"");
  head.set(http::field::if_none_match, "*");
  head.set(http::field::if_modified_since, "then");
  head.set(http::field::if_unmodified_since, "now");
  head.set(http::field::authorization, "Bearer secret");
  const auto fields = call_fields(head, 7);
  CHECK(fields.content_type == "text/plain");
  CHECK(fields.range == "bytes=0-1");
  CHECK(fields.if_range == "\"a\"");
  CHECK(fields.if_match == "\"b\"");
  CHECK(fields.if_none_match == "*");
  CHECK(fields.if_modified_since == "then");
  CHECK(fields.if_unmodified_since == "now");
  CHECK(fields.content_length == 7u);
}

TEST_CASE("what is not there is empty") {
  const auto fields = call_fields({}, std::nullopt);
  CHECK(fields.content_type.empty());
  CHECK(fields.range.empty());
  CHECK_FALSE(fields.content_length);
}

TEST_CASE("a field that comes twice is one list") {
  http::request_header<> head;
  head.insert(http::field::if_none_match, "\"a\"");
  head.insert(http::field::if_none_match, "\"b\", \"c\"");
  head.insert(http::field::content_type, "text/plain");
  head.insert(http::field::content_type, "application/json");
  const auto fields = call_fields(head, std::nullopt);
  CHECK(fields.if_none_match == "\"a\", \"b\", \"c\"");
  CHECK(fields.content_type == "text/plain, application/json"); // no type
}

} // namespace outrigger
