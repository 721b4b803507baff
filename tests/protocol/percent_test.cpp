#include "protocol/percent.hpp"

#include <catch2/catch.hpp>

using outrigger::percent_decode;

TEST_CASE("percent escapes are decoded once") {
  CHECK(percent_decode("", false) == "");
  CHECK(percent_decode("a%41%7a%7A", false) == "aAzz");
  CHECK(percent_decode("%2541", false) == "%41");
  CHECK(percent_decode("%00%ff", false) == std::string("\0\xff", 2));
}

TEST_CASE("a plus is a space only where forms are read") {
  CHECK(percent_decode("a+b", true) == "a b");
  CHECK(percent_decode("a+b", false) == "a+b");
  CHECK(percent_decode("a%2Bb", true) == "a+b");
}

TEST_CASE("a broken escape is refused") {
  for (const auto* text : {"%", "%4", "a%", "%g1", "%1g", "%%41", "%-1", "% 1"})
    CHECK_FALSE(percent_decode(text, true));
}
