#include "protocol/first_frame.hpp"

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"
#include "tests/protocol/prefixes.hpp"

using namespace outrigger;

namespace {

first_frame text(std::string_view bytes) {
  return classify_first_frame(frame_kind::text, bytes);
}

} // namespace

TEST_CASE("a first frame that is binary or has a channel is a terminal's") {
  CHECK(classify_first_frame(frame_kind::binary, "\x01ls") ==
        first_frame::terminals);
  CHECK(classify_first_frame(frame_kind::binary, "") == first_frame::terminals);
  CHECK(text(R"({"channel":"terminal","type":"resize"})") ==
        first_frame::terminals);
}

TEST_CASE("a first frame with a command is a computer client's") {
  CHECK(text(R"({"command":"version","params":{}})") == first_frame::computer);
}

TEST_CASE("any other first frame is unknown, cut ones included") {
  for (const auto* other : {"", "x", "[]", "{}", R"({"type":"resize"})"})
    CHECK(text(other) == first_frame::unknown);
  test::for_each_prefix(R"({"command":"version"})", [](auto part) {
    CHECK(text(part) == first_frame::unknown);
  });
}

TEST_CASE("a computer client is refused in its own form") {
  CHECK(computer_refusal("Authentication failed") ==
        R"({"success":false,"error":"Authentication failed"})");
}

TEST_CASE("a computer client authenticates with its first frame") {
  const auto read = parse_authenticate_command(
      R"({"command":"authenticate",)"
      R"("params":{"container_name":"box","api_key":"k","more":null}})");
  REQUIRE(read.has_value());
  CHECK(read->container_name == "box");
  CHECK(read->api_key == "k");
}

TEST_CASE("what is missing of it is said in the dialect's words") {
  const auto [frame, why] = GENERATE(table<std::string, std::string>({
      {R"({"command":"version"})", "First message must be authentication"},
      {R"({"command":"Authenticate","params":{"api_key":"k"}})",
       "First message must be authentication"},
      {R"({"command":7})", "First message must be authentication"},
      {R"({"params":{"api_key":"k"}})", "First message must be authentication"},
      {"", "First message must be authentication"},
      {"[]", "First message must be authentication"},
      {R"({"command":"authenticate"})", "API key required"},
      {R"({"command":"authenticate","params":[]})", "API key required"},
      {R"({"command":"authenticate","params":{"container_name":"box"}})",
       "API key required"},
      {R"({"command":"authenticate","params":{"api_key":""}})",
       "API key required"},
      {R"({"command":"authenticate","params":{"api_key":7}})",
       "API key required"},
      {R"({"command":"authenticate","params":{"api_key":"k"}})",
       "Container name required"},
      {R"({"command":"authenticate",)"
       R"("params":{"api_key":"k","container_name":""}})",
       "Container name required"},
  }));
  CAPTURE(frame);
  const auto read = parse_authenticate_command(frame);
  REQUIRE(read.has_error());
  CHECK(read.error() == error{errc::unauthorized, why});
}

TEST_CASE("an authenticate frame cut anywhere or too long is none") {
  const std::string whole = R"({"command":"authenticate",)"
                            R"("params":{"container_name":"b","api_key":"k"}})";
  REQUIRE(parse_authenticate_command(whole).has_value());
  test::for_each_prefix(whole, [](auto part) {
    CHECK(parse_authenticate_command(part).has_error());
  });
  CHECK(parse_authenticate_command(
            whole + std::string(limits::max_unauthenticated_message, ' '))
            .has_error());
}
