#include "protocol/utf8.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

TEST_CASE("well-formed UTF-8 is valid up to the last code point") {
  for (const auto* text :
       {"", "plain", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    CHECK(utf8::valid(text));
  CHECK(utf8::valid(std::string_view("\0", 1)));
}

TEST_CASE("overlong forms, surrogates and values too large are invalid") {
  for (const auto* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41",
        "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82z"}) {
    CAPTURE(text);
    CHECK_FALSE(utf8::valid(text));
    CHECK(utf8::valid(utf8::repaired(text)));
  }
}

TEST_CASE("repairing replaces only the bad bytes") {
  CHECK(utf8::repaired("a\xff\xe2\x82\xac") == "a\xef\xbf\xbd\xe2\x82\xac");
  CHECK(utf8::repaired("fine") == "fine");
}
