#include "protocol/terminal_frame.hpp"

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"

using namespace outrigger;

TEST_CASE("a frame is its id byte and the raw bytes behind it") {
  const auto frame =
      parse_terminal_frame(std::string_view("\x01ls\n\0\xff", 6));
  REQUIRE(frame.has_value());
  CHECK(frame->id == 1);
  CHECK(frame->data == std::string_view("ls\n\0\xff", 5));
  CHECK(parse_terminal_frame("\xffx")->id == 255);
}

TEST_CASE("an id without data carries nothing") {
  const auto frame = parse_terminal_frame("\x07");
  REQUIRE(frame.has_value());
  CHECK(frame->id == 7);
  CHECK(frame->data.empty());
}

TEST_CASE("a frame without an id, or with id 0, is malformed") {
  CHECK(parse_terminal_frame("").error().code == errc::malformed);
  CHECK(parse_terminal_frame(std::string_view("\0ls", 3)).error().code ==
        errc::malformed);
}

TEST_CASE("a frame may be as long as a message and no longer") {
  std::string longest(limits::max_message, '\x01');
  CHECK(parse_terminal_frame(longest).has_value());
  longest += 'x';
  CHECK(parse_terminal_frame(longest).error().code == errc::too_large);
}

TEST_CASE("id and data together are the frame again") {
  const std::string bytes = "\x2a"
                            "echo hi\r";
  const auto frame = parse_terminal_frame(bytes);
  REQUIRE(frame.has_value());
  CHECK(static_cast<char>(frame->id) + std::string{frame->data} == bytes);
}
