#include "protocol/auth_message.hpp"

#include <catch2/catch.hpp>

#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

/// The token of a frame; "other" when the frame is its dialect's.
std::string token_in(std::string_view text) {
  const auto parsed = parse_auth_message(text);
  REQUIRE(parsed);
  return *parsed ? (*parsed)->token : "other";
}

std::string refusal(std::string_view text) {
  const auto parsed = parse_auth_message(text);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == errc::malformed);
  return parsed.error().detail;
}

} // namespace

TEST_CASE("a refresh brings a token") {
  CHECK(token_in(R"({"channel":"auth","type":"refresh","token":"t"})") == "t");
  CHECK(
      token_in(R"( {"more":1,"token":"","type":"refresh","channel":"auth"})") ==
      "");
}

TEST_CASE("frames of other channels are left to their dialect") {
  for (const auto* text :
       {R"({"channel":"terminal","type":"resize","id":"1"})",
        R"({"channel":"files","name":"auth"})", R"({"auth":1})",
        R"({"channel":["auth"]})", R"(["channel","auth"])", R"("auth")", "",
        R"({"channel":"auth")", R"({"channel":"auth"} x)",
        R"({"channel":"Auth","x":"auth"})", R"({"channel":null,"x":"auth"})"}) {
    CAPTURE(text);
    CHECK(token_in(text) == "other");
  }
}

TEST_CASE("only frames that might be of the channel are parsed") {
  CHECK(may_be_auth_message(R"({"channel":"auth"})"));
  CHECK(may_be_auth_message(R"({"channel":"terminal","type":"auth"})"));
  CHECK_FALSE(may_be_auth_message(R"({"channel":"terminal"})"));
  CHECK_FALSE(may_be_auth_message("auth"));
  CHECK_FALSE(may_be_auth_message(""));
  // Too long to be one: what it is, its dialect may find out.
  CHECK_FALSE(may_be_auth_message(R"({"channel":"auth"})" +
                                  std::string(16 * 1024, ' ')));
}

TEST_CASE("a frame of the channel that is no refresh is malformed") {
  CHECK_THAT(refusal(R"({"channel":"auth"})"), Catch::Contains("type"));
  CHECK_THAT(refusal(R"({"channel":"auth","type":"revoke"})"),
             Catch::Contains("type"));
  CHECK_THAT(refusal(R"({"channel":"auth","type":1})"),
             Catch::Contains("type"));
  CHECK_THAT(refusal(R"({"channel":"auth","type":"refresh"})"),
             Catch::Contains("token"));
  CHECK_THAT(refusal(R"({"channel":"auth","type":"refresh","token":7})"),
             Catch::Contains("token"));
}

TEST_CASE("a refresh cut anywhere is nobody's") {
  test::for_each_prefix(R"({"channel":"auth","type":"refresh","token":"t"})",
                        [](auto text) { CHECK(token_in(text) == "other"); });
}

TEST_CASE("the server's frames have the documented form") {
  CHECK(auth_expiring_to_json(1'700'000'000) ==
        R"({"channel":"auth","type":"auth_expiring",)"
        R"("expires_at":1700000000,"grace_seconds":60})");
  CHECK(auth_refreshed_to_json(1'700'000'000) ==
        R"({"channel":"auth","type":"auth_refreshed",)"
        R"("expires_at":1700000000})");
  CHECK(auth_refreshed_to_json(std::nullopt) ==
        R"({"channel":"auth","type":"auth_refreshed","expires_at":null})");
  CHECK(auth_error_to_json({errc::unauthorized, "the token has expired"}) ==
        R"({"channel":"auth","type":"error","code":"authentication_error",)"
        R"("error":"the token has expired"})");
}

TEST_CASE("no refused refresh is quoted") {
  CHECK(refusal(R"({"channel":"auth","type":"canary","token":"canary"})")
            .find("canary") == std::string::npos);
}
