// Wildcards in names and in paths.

#include "protocol/files/glob.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "tests/protocol/prefixes.hpp"

using namespace outrigger;

namespace {

std::string repeated(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += part;
  return out;
}

} // namespace

TEST_CASE("a star stands for any bytes, slashes and leading dots too") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("*", ".hidden"));
  CHECK(glob_match("*.cpp", "a/b.cpp"));
  CHECK(glob_match("a*b*c", "a-b-bc"));
  CHECK(glob_match("***a", "a"));
  CHECK_FALSE(glob_match("*.cpp", "a.cpp~"));
  CHECK_FALSE(glob_match("a*b*c", "a-c"));
  CHECK_FALSE(glob_match("a*a", "a"));
}

TEST_CASE("the whole text is held against the whole pattern") {
  CHECK(glob_match("", ""));
  CHECK(glob_match("abc", "abc"));
  CHECK_FALSE(glob_match("", "a"));
  CHECK_FALSE(glob_match("a", ""));
  CHECK_FALSE(glob_match("b", "abc"));
  CHECK_FALSE(glob_match("A", "a"));
}

TEST_CASE("a question mark stands for one byte") {
  CHECK(glob_match("?", "/"));
  CHECK(glob_match("a?c", "a\xff"
                          "c"));
  CHECK_FALSE(glob_match("?", ""));
  CHECK_FALSE(glob_match("?", "ab"));
}

TEST_CASE("a backslash takes the meaning from what is behind it") {
  CHECK(glob_match("\\*", "*"));
  CHECK(glob_match("\\a\\\\", "a\\"));
  CHECK(glob_match("*\\?", "a?"));
  CHECK_FALSE(glob_match("\\*", "a"));
  CHECK_FALSE(glob_match("\\", "\\"));
  CHECK_FALSE(glob_match("a\\", "a"));
}

TEST_CASE("a set stands for one of its bytes") {
  for (const char* pattern :
       {"[abc]", "[a-c]", "[!x]", "[^x-z]", "[x-za-c]", "[\\b]", "[\\a-\\c]",
        "[[:alpha:]]", "[-b]", "[b-]", "[]b]", "[!]]", "[[:digit:]b]",
        "[![:upper:]]", "[[:xdigit:]]", "[a-c-z]", "[[b]", "[[:b]"}) {
    INFO(pattern);
    CHECK(glob_match(pattern, "b"));
  }
  for (const char* pattern : {"[ac]", "[!b]", "[^a-c]", "[c-a]", "[[:upper:]]",
                              "[]a]", "[a\\]", "[!-b]"}) {
    INFO(pattern);
    CHECK_FALSE(glob_match(pattern, "b"));
  }
  CHECK(glob_match("[]]", "]"));
  CHECK(glob_match("[a-]", "-"));
  CHECK(glob_match("[a-c-z]", "-"));
  CHECK(glob_match("[\x80-\xff]", "\xc3"));
  CHECK(glob_match("[A-\\]]", "]"));
  CHECK(glob_match("[[:]", ":"));
  CHECK(glob_match("[[:space:][:punct:]]", "!"));
  CHECK_FALSE(glob_match("[[:space:]]", "\v"));
}

TEST_CASE("a set without an end is like nothing") {
  test::for_each_prefix("[!a-z[:digit:]\\]]", [](std::string_view cut) {
    for (const char* text : {"", "[", "!", "A", "a", "1", "]"})
      CHECK(glob_match(cut, text) == (cut.empty() && *text == '\0'));
  });
  CHECK(glob_match("[!a-z[:digit:]\\]]", "A"));
  for (const char* pattern : {"[[:word:]]", "[[::]]", "[]", "[!]"}) {
    INFO(pattern);
    for (const char* text : {"a", "]", ":", "["})
      CHECK_FALSE(glob_match(pattern, text));
  }
}

TEST_CASE("in paths only whole `**` stand for slashes") {
  CHECK(glob_match_path("*", "a"));
  CHECK(glob_match_path("*/b", "a/b"));
  CHECK(glob_match_path("a*/*b", "a-/-b"));
  CHECK_FALSE(glob_match_path("*", "a/b"));
  CHECK_FALSE(glob_match_path("a*b", "a/b"));
  CHECK_FALSE(glob_match_path("a?b", "a/b"));
  CHECK_FALSE(glob_match_path("a[/]b", "a/b"));
  CHECK_FALSE(glob_match_path("a[!x]b", "a/b"));
  CHECK(glob_match_path("a\\/b", "a/b"));
  CHECK_FALSE(glob_match_path("a**b", "a/b"));
  CHECK(glob_match_path("a**b", "a-b"));
}

TEST_CASE("`**` stands for any folders, or for none") {
  CHECK(glob_match_path("**", "a/b/c"));
  CHECK(glob_match_path("**/c", "c"));
  CHECK(glob_match_path("**/c", "a/b/c"));
  CHECK(glob_match_path("a/**", "a/b/c"));
  CHECK(glob_match_path("a/**/c", "a/c"));
  CHECK(glob_match_path("a/**/c", "a/b/b/c"));
  CHECK(glob_match_path("**/b/**/d/*", "a/b/c/b/d/d/e"));
  CHECK(glob_match_path("**/*a/b*", "ca/xa/b"));
  CHECK(glob_match_path("**\\/c", "b/c"));
  CHECK_FALSE(glob_match_path("**\\/c", "c"));
  CHECK_FALSE(glob_match_path("**/c", "bc"));
  CHECK_FALSE(glob_match_path("a/**", "a"));
  CHECK_FALSE(glob_match_path("a/**/c", "a/bc"));
  CHECK_FALSE(glob_match_path("**/a/*", "a/b/c"));
}

TEST_CASE("a hostile pattern costs the product of the lengths, no more") {
  const std::string text(4000, 'a');
  CHECK_FALSE(glob_match(repeated("*a", 2000) + "b", text));
  CHECK_FALSE(glob_match(repeated("*", 4000) + "b", text));
  CHECK_FALSE(glob_match(repeated("[!b]*", 800) + "b", text));
  CHECK_FALSE(glob_match("*" + text.substr(2000) + "b", text));
  CHECK_FALSE(glob_match("*" + repeated("[!b]", 1000) + "b", text + "c"));
  CHECK_FALSE(glob_match("[" + repeated("[:", 2000) + "]b", text));
  const auto path = repeated("a/", 2000) + "a";
  CHECK_FALSE(glob_match_path(repeated("**/a/", 800) + "b", path));
  CHECK_FALSE(glob_match_path(repeated("**/*/", 800) + "b", path));
  CHECK_FALSE(glob_match_path(repeated("**/*a*/", 500) + "b", path));
  CHECK_FALSE(glob_match_path("**/" + repeated("a/", 1000) + "b", path));
  CHECK_FALSE(glob_match_path("x/" + repeated("*a*", 1000) + "b", "x/" + text));
}
