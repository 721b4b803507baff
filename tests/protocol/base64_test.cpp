#include "protocol/base64.hpp"

#include <catch2/catch.hpp>

using outrigger::to_base64;

TEST_CASE("base64 agrees with the examples of RFC 4648") {
  CHECK(to_base64("").empty());
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foo") == "Zm9v");
  CHECK(to_base64("foob") == "Zm9vYg==");
  CHECK(to_base64("fooba") == "Zm9vYmE=");
  CHECK(to_base64("foobar") == "Zm9vYmFy");
}

TEST_CASE("base64 takes every byte") {
  CHECK(to_base64(std::string("\x00\xff\xfe", 3)) == "AP/+");
  CHECK(to_base64("\x1b[1m") == "G1sxbQ==");
}
