#include "protocol/first_frame.hpp"

#include <catch2/catch.hpp>

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
  CHECK(computer_refusal(false) ==
        R"({"success":false,"error":"Authentication failed"})");
  CHECK_THAT(computer_refusal(true), Catch::Contains("not served"));
}
