#include "protocol/base64url.hpp"

#include <catch2/catch.hpp>

#include "tests/support/jwt_signer.hpp"

using outrigger::from_base64url;

TEST_CASE("base64url agrees with the examples of RFC 4648") {
  CHECK(from_base64url("") == "");
  CHECK(from_base64url("Zg") == "f");
  CHECK(from_base64url("Zm8") == "fo");
  CHECK(from_base64url("Zm9v") == "foo");
  CHECK(from_base64url("Zm9vYg") == "foob");
  CHECK(from_base64url("Zm9vYmE") == "fooba");
  CHECK(from_base64url("Zm9vYmFy") == "foobar");
  CHECK(from_base64url("-_-_") == "\xfb\xff\xbf");
}

TEST_CASE("base64url reads back every byte at every place") {
  std::string all;
  for (int c = 0; c < 256; ++c)
    all += static_cast<char>(c);
  for (std::size_t skip = 0; skip < 4; ++skip) {
    const auto bytes = all.substr(skip);
    CHECK(from_base64url(outrigger::test::to_base64url(bytes)) == bytes);
  }
}

TEST_CASE("base64url knows no padding, no other alphabet and no blanks") {
  for (const auto* text : {"Zg==", "Zg=", "Zm8=", "=", "====", "Zm9v=", "+/+/",
                           "Zm9+", "Zm9/", " Zm9", "Zm9v\n", "Zm 9v", "Zm9.",
                           "Zm9\x80", "Zm9\xff", "\xc3\xa9Zm"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64url(text));
  }
  CHECK_FALSE(from_base64url(std::string_view("Zm9\0", 4)));
}

TEST_CASE("base64url refuses lengths that no bytes encode to") {
  CHECK_FALSE(from_base64url("Z"));
  CHECK_FALSE(from_base64url("Zm9vZ"));
  CHECK_FALSE(from_base64url("A"));
}

TEST_CASE("of the last characters that decode alike one is taken") {
  // Every text of two and three characters: as many are read as there are
  // values of one and two bytes.
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::size_t two = 0;
  std::size_t three = 0;
  for (const char a : alphabet)
    for (const char b : alphabet) {
      two += from_base64url(std::string{a, b}).has_value() ? 1 : 0;
      for (const char c : alphabet)
        three += from_base64url(std::string{a, b, c}).has_value() ? 1 : 0;
    }
  CHECK(two == 256);
  CHECK(three == 65536);
}
