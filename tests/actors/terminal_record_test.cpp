// What a later daemon reads in a session's tag.

#include <catch2/catch.hpp>

#include "actors/terminal.hpp"

namespace outrigger {
namespace {

const terminal_record sample{
    12, 4096, "/srv/a b", {"bash", "-c", "echo 'x y'", ""}};

} // namespace

TEST_CASE("a terminal's record survives as a tag") {
  const auto back = from_tag(to_tag(sample, 1024));
  REQUIRE(back);
  CHECK(back->id == sample.id);
  CHECK(back->scrollback_size == sample.scrollback_size);
  CHECK(back->cwd == sample.cwd);
  CHECK(back->command == sample.command);
}

TEST_CASE("a tag is never longer than allowed") {
  auto record = sample;
  record.command.assign(100, std::string(100, 'a'));
  CHECK(to_tag(record, 1024).size() <= 1024);
}

TEST_CASE("a tag is not cut inside a character") {
  auto record = sample;
  std::string text;
  while (text.size() < 300)
    text += "€";
  record.command = {text};
  for (std::size_t max = 100; max < 110; ++max) {
    const auto back = from_tag(to_tag(record, max));
    REQUIRE(back);
    CHECK(back->command.at(0).size() % 3 == 0);
  }
}

TEST_CASE("a command that is cut costs the record nothing else") {
  auto record = sample;
  record.command = {"bash", "-c", std::string(5000, 'x')};
  const auto back = from_tag(to_tag(record, 1024));
  REQUIRE(back);
  CHECK(back->id == record.id);
  CHECK(back->scrollback_size == record.scrollback_size);
  CHECK(back->cwd == record.cwd);
  REQUIRE(back->command.size() == 3);
  CHECK(back->command[0] == "bash");
  CHECK(record.command[2].starts_with(back->command[2]));
}

TEST_CASE("a directory too long for the tag still leaves the rest known") {
  auto record = sample;
  record.cwd = "/" + std::string(4000, 'd');
  const auto back = from_tag(to_tag(record, 1024));
  REQUIRE(back);
  CHECK(back->id == record.id);
  CHECK(back->scrollback_size == record.scrollback_size);
}

TEST_CASE("a tag of someone else is not a terminal's") {
  const auto tag =
      GENERATE(std::string{}, std::string{"agent"},
               std::string{"outrigger-terminal-1"}, std::string(1024, '\0'),
               std::string("outrigger-terminal-2\0"
                           "1\0"
                           "4096\0/\0sh",
                           32));
  CHECK_FALSE(from_tag(tag));
}

TEST_CASE("a tag cut at any byte is refused or keeps what it says") {
  const auto tag = to_tag(sample, 1024);
  for (std::size_t size = 0; size < tag.size(); ++size) {
    INFO("cut at " << size);
    const auto back = from_tag(std::string_view{tag}.substr(0, size));
    if (back)
      CHECK(back->id == sample.id);
  }
}

TEST_CASE("a tag with an impossible id is refused") {
  const auto id = GENERATE("0", "256", "-1", "x", "");
  std::string tag = to_tag(sample, 1024);
  const auto at = tag.find(std::string("\0", 1) + "12");
  tag.replace(at + 1, 2, id);
  CHECK_FALSE(from_tag(tag));
}

TEST_CASE("a tag with a malformed size is refused") {
  const auto size =
      GENERATE("x", "", "-1", "12x", "99999999999999999999999999");
  std::string tag = to_tag(sample, 1024);
  tag.replace(tag.find("4096"), 4, size);
  CHECK_FALSE(from_tag(tag));
}

TEST_CASE("a session's identity is its key in 16 hex digits") {
  CHECK(identity(1) == "0000000000000001");
  CHECK(identity(0xDEADBEEF12345678) == "deadbeef12345678");
}

} // namespace outrigger
