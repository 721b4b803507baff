#include "protocol/json.hpp"

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"

using namespace outrigger;

namespace {

constexpr std::size_t plenty = 16 * 1024 * 1024;

bool parses(std::string_view text) {
  return json::parse_object(text, "test", plenty).has_value();
}

std::string nested(std::size_t depth) {
  // The outermost object is one level.
  return R"({"a":)" + std::string(depth - 1, '[') +
         std::string(depth - 1, ']') + "}";
}

} // namespace

TEST_CASE("one JSON object parses, anything else does not") {
  CHECK(parses("{}"));
  CHECK(parses(" {\"a\" : [1, 2.5e3, null, true, \"\\u20ac\"]}\n"));
  for (const auto* text :
       {"", " ", "[]", "1", "null", "\"a\"", "{", "}", "{}{}", "{} x", "{},",
        "{'a':1}", "{\"a\":1,}", "{a:1}", "{\"a\":01}", "{\"a\":NaN}",
        "// c\n{}", "{\"a\":\"\\x\"}", "{\"a\":\"\n\"}"}) {
    CAPTURE(text);
    CHECK_FALSE(parses(text));
  }
}

TEST_CASE("what follows a NUL byte is not overlooked") {
  CHECK_FALSE(parses(std::string_view("{}\0", 3)));
  CHECK_FALSE(parses(std::string_view("{}\0{}", 5)));
  CHECK_FALSE(parses(std::string_view("{\"a\":\"\0\"}", 9)));
}

TEST_CASE("invalid UTF-8 is refused inside strings") {
  CHECK(parses("{\"a\":\"\xe2\x82\xac\"}"));
  CHECK_FALSE(parses("{\"a\":\"\xff\"}"));
  CHECK_FALSE(parses("{\"a\":\"\xc0\xaf\"}"));
  CHECK_FALSE(parses("{\"a\":\"\xed\xa0\x80\"}"));
  CHECK_FALSE(parses("{\"a\":\"\xe2\x82\"}"));
}

TEST_CASE("nesting is allowed up to the limit and not counted in strings") {
  CHECK(parses(nested(limits::max_json_depth)));
  CHECK_FALSE(parses(nested(limits::max_json_depth + 1)));
  CHECK(parses(R"({"a":"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["})"));
}

TEST_CASE("a million open brackets are refused without recursion") {
  CHECK_FALSE(parses(std::string(1'000'000, '[')));
  CHECK_FALSE(parses(R"({"a":)" + std::string(1'000'000, '{')));
}

TEST_CASE("a text of very many values is not parsed") {
  const auto text = [](std::size_t values) {
    std::string out = R"({"a":[0)";
    for (std::size_t i = 1; i < values; ++i)
      out += ",0";
    return out + "]}";
  };
  constexpr auto most = json::max_values + 1; // one before the first comma
  CHECK(parses(text(most)));
  const auto refused = json::parse_object(text(most + 1), "test", plenty);
  REQUIRE(refused.has_error());
  CHECK(refused.error().detail == "test: JSON of too many values");
  const auto quoted = R"({"a":")" + std::string(2 * most, ',') + R"("})";
  CHECK(parses(quoted));
}

TEST_CASE("an object over the size limit is too large") {
  const auto refused = json::parse_object(R"({"a":1})", "test", 6);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::too_large);
}

TEST_CASE("fields are typed, and errors name them") {
  const auto object = json::parse_object(
      R"({"t":"x","i":-5,"big":18446744073709551615,"d":1.5,"b":true,)"
      R"("l":["a","b"],"mixed":["a",1],"none":null})",
      "test", plenty);
  REQUIRE(object.has_value());
  const json::fields in{*object, "thing"};
  CHECK(in.text("t").value() == "x");
  CHECK(in.integer("i").value() == -5);
  CHECK(in.integer("big").value() == std::numeric_limits<std::int64_t>::max());
  CHECK(in.boolean("b").value() == true);
  CHECK(in.texts("l").value() == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(in.text("missing").value().has_value());
  CHECK_FALSE(in.text("none").value().has_value());
  CHECK(in.text("i").error().detail == "thing: i must be a string");
  CHECK(in.integer("d").error().detail == "thing: d must be an integer");
  CHECK(in.boolean("t").error().detail == "thing: t must be true or false");
  CHECK(in.texts("mixed").error().code == errc::malformed);
  CHECK(in.texts("t").error().code == errc::malformed);
}

TEST_CASE("a lone surrogate escape is no string") {
  const auto object = json::parse_object(R"({"a":"\udc00"})", "test", plenty);
  if (object)
    CHECK_FALSE(json::string_in((*object)["a"]));
}

TEST_CASE("the writer writes every kind of field") {
  json::writer out;
  out.field("t", "a\"\n")
      .field("b", false)
      .field("i", -1)
      .field("u", std::size_t{1} << 63)
      .field("n", nullptr)
      .field("l", std::vector<std::string>{"x", ""})
      .base64_field("raw", "hi")
      .open_array("a")
      .open_object()
      .field("v", std::string_view{})
      .close_object()
      .close_array();
  CHECK(out.finish() ==
        R"({"t":"a\"\n","b":false,"i":-1,"u":9223372036854775808,"n":null,)"
        R"("l":["x",""],"raw":"aGk=","a":[{"v":""}]})");
}

TEST_CASE("the writer repairs what is not UTF-8") {
  json::writer out;
  out.field("t", "a\xff");
  CHECK(out.finish() == "{\"t\":\"a\xef\xbf\xbd\"}");
}
