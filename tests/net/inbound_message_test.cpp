#include "net/inbound_message.hpp"

#include <cstring>
#include <string_view>

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

/// What a stream does: fills a part of the space it is given.
void read_into(inbound_message& message, std::size_t wanted,
               std::string_view bytes) {
  const auto space = message.space(wanted);
  REQUIRE(space.size() >= bytes.size());
  std::memcpy(space.data(), bytes.data(), bytes.size());
  message.take_in(bytes.size());
}

} // namespace

TEST_CASE("a message is what was read, in order") {
  for (const bool compressed : {false, true}) {
    inbound_message message;
    if (compressed)
      message.expect_compressed(100);
    read_into(message, 16, "Hello,");
    read_into(message, 16, "");
    read_into(message, 5, " you");
    CHECK(message.size() == 10);
    CHECK(message.bytes() == "Hello, you");
    CHECK(message.take() == "Hello, you");
    CHECK(message.size() == 0);
    read_into(message, 8, "again");
    CHECK(message.bytes() == "again");
    message.clear();
    CHECK(message.bytes().empty());
  }
}

TEST_CASE("a plain message has the space that was asked for") {
  inbound_message message;
  CHECK(message.space(7).size() == 7);
  message.take_in(3);
  CHECK(message.space(11).size() == 11);
  CHECK(message.size() == 3);
}

TEST_CASE("a compressed message always has space for a byte too many") {
  inbound_message message;
  message.expect_compressed(100'000);
  CHECK(message.space(1).size() == 100'001);
  read_into(message, 1, std::string(99'990, 'x'));
  CHECK(message.space(1).size() == 11);
  read_into(message, 1, std::string(10, 'y'));
  CHECK(message.space(1).size() == 1);
  message.take_in(0);
  CHECK(message.size() == 100'000);
}

} // namespace outrigger
