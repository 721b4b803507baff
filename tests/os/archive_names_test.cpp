// Names in archives, and what is said about them.
#include "actors/os/error.hpp"
#include "actors/os/files/archive_names.hpp"
#include "actors/os/files/numbered_name.hpp"

#include <catch2/catch.hpp>

namespace outrigger::os::test {

namespace {

std::string path_of(std::string_view name, const archive_limits& limits = {}) {
  archive_complaint complaint;
  const auto path = path_of_member(name, limits, complaint);
  return path ? *path : "refused: " + complaint.text();
}

std::error_code link(std::string_view path, std::string_view target) {
  archive_complaint complaint;
  return check_link(path, target, complaint);
}

} // namespace

TEST_CASE("names of members become paths below a folder") {
  CHECK(path_of("a") == "a");
  CHECK(path_of("a/b.c") == "a/b.c");
  CHECK(path_of("./a/./b//c/") == "a/b/c");
  CHECK(path_of(".") == "");
  CHECK(path_of("./") == "");
  CHECK(path_of("a..b/...") == "a..b/...");
  CHECK(path_of("\xff") == "\xff");
  CHECK(path_of("a/../b") == "refused: \"a/../b\" leads outside");
  CHECK(path_of("") == "refused: \"\" is an empty name");
}

TEST_CASE("names of members have limits") {
  archive_limits limits;
  limits.max_name = 300;
  limits.max_depth = 3;
  CHECK(path_of("a/b/c", limits) == "a/b/c");
  CHECK(path_of("./a/./b/c/.", limits) == "a/b/c");
  CHECK(path_of("a/b/c/d", limits) ==
        "refused: \"a/b/c/d\" is more than 3 folders deep");
  CHECK(path_of(std::string(255, 'a'), limits) == std::string(255, 'a'));
  const auto longer = path_of(std::string(256, 'a'), limits);
  CHECK(longer.ends_with("...\" has a part of more than 255 bytes"));
  const auto longest =
      path_of(std::string(301, '/').replace(0, 1, "a"), limits);
  CHECK(longest.ends_with("has a name of more than 300 bytes"));
}

TEST_CASE("links may climb at their start, as far as they are deep") {
  CHECK(!link("l", "x"));
  CHECK(!link("l", "."));
  CHECK(!link("l", "./x//y/"));
  CHECK(!link("l", "a..b"));
  CHECK(!link("a/l", ".."));
  CHECK(!link("a/b/l", "../../x"));
  CHECK(!link("a/b/l", ".././.."));
  CHECK(link("l", ".."));
  CHECK(link("a/l", "../.."));
  CHECK(link("a/b/l", "../x/.."));
  CHECK(link("l", "x/.."));
  CHECK(link("l", "/x"));
  CHECK(link("l", ""));
  CHECK(link("l", std::string_view{"a\0b", 3}));
  CHECK(link("l", std::string(5000, 'x')));
}

TEST_CASE("names that are taken get numbers before their endings") {
  CHECK(numbered_name("a.txt", 1) == "a_1.txt");
  CHECK(numbered_name("a.tar.gz", 2) == "a.tar_2.gz");
  CHECK(numbered_name("a", 3) == "a_3");
  CHECK(numbered_name(".env", 1) == ".env_1");
  CHECK(numbered_name("a.", 1) == "a._1");
  CHECK(numbered_name(".a.b", 10) == ".a_10.b");
  const std::string long_name = std::string(251, 'a') + ".txt";
  CHECK(numbered_name(long_name, 12) == std::string(248, 'a') + "_12.txt");
  CHECK(numbered_name("a." + std::string(253, 'b'), 1).size() == 255);
  // Not in the middle of a character.
  std::string accents;
  for (int i = 0; i < 127; ++i)
    accents += "\xc3\xa9";
  CHECK(numbered_name(accents, 1) == accents.substr(0, 252) + "_1");
}

TEST_CASE("names are shown so that they harm nobody") {
  CHECK(shown_name("a b") == "\"a b\"");
  CHECK(shown_name("\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80") ==
        "\"\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80\"");
  CHECK(shown_name("a\nb\x1b\x7f") == "\"a?b??\"");
  CHECK(shown_name(std::string_view{"a\0", 2}) == "\"a?\"");
  for (const auto* broken :
       {"\xff", "\xc3", "\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc2\x9b"}) {
    const auto shown = shown_name(broken);
    CHECK(shown.find_first_not_of("?\"") == std::string::npos);
  }
  CHECK(shown_name(std::string(1000, 'x')).size() < 220);
  archive_complaint complaint;
  CHECK(complaint.text().empty());
  CHECK(complaint.about("x", "is bad") == errc::bad_archive);
  CHECK(complaint.about_archive("is worse", errc::archive_limit) ==
        errc::archive_limit);
  CHECK(complaint.text() == "\"x\" is bad"); // the first counts
}

} // namespace outrigger::os::test
