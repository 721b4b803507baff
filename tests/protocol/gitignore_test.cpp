// What a .gitignore file leaves out. That git agrees is asked in
// tests/actors/ignore_filter_git_test.cpp.

#include "protocol/files/gitignore.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "tests/protocol/prefixes.hpp"

using namespace outrigger;

namespace {

using verdict = gitignore::verdict;

verdict judge(std::string_view text, std::string_view path,
              bool is_folder = false) {
  return gitignore::parse(text).judge(path, is_folder);
}

bool ignores(std::string_view text, std::string_view path,
             bool is_folder = false) {
  return judge(text, path, is_folder) == verdict::ignored;
}

} // namespace

TEST_CASE("a name is ignored in every folder") {
  CHECK(ignores("core", "core"));
  CHECK(ignores("core", "a/b/core"));
  CHECK(ignores("*.o", "a/x.o"));
  CHECK(ignores("*.[oa]", "a/x.a"));
  CHECK_FALSE(ignores("core", "cores"));
  CHECK_FALSE(ignores("core", "core/x"));
  CHECK_FALSE(ignores("Core", "core"));
}

TEST_CASE("a slash ties a pattern to the file's own folder") {
  CHECK(ignores("/core", "core"));
  CHECK(ignores("doc/x", "doc/x"));
  CHECK(ignores("doc/*.txt", "doc/a.txt"));
  CHECK(ignores("/doc/x", "doc/x"));
  CHECK_FALSE(ignores("/core", "a/core"));
  CHECK_FALSE(ignores("doc/x", "a/doc/x"));
  CHECK_FALSE(ignores("doc/*.txt", "doc/a/b.txt"));
}

TEST_CASE("a slash at the end is for folders") {
  CHECK(ignores("build/", "build", true));
  CHECK(ignores("build/", "a/build", true));
  CHECK(ignores("a/build/", "a/build", true));
  CHECK_FALSE(ignores("build/", "build", false));
  CHECK_FALSE(ignores("/", "a", true));
  CHECK_FALSE(ignores("//", "a", true));
}

TEST_CASE("two stars are for folders in between") {
  CHECK(ignores("**/x", "a/b/x"));
  CHECK(ignores("a/**", "a/b/c"));
  CHECK(ignores("a/**/c", "a/c"));
  CHECK(ignores("a/**/c/", "a/b/c", true));
  CHECK_FALSE(ignores("a/**", "a", true));
  // As git has it: what is before the first wildcard counts by itself.
  CHECK(ignores("foo**/bar", "foobar"));
  CHECK(ignores("foo**/bar", "foo/x/bar"));
  CHECK(ignores("/foo**", "foox/y"));
}

TEST_CASE("the last pattern that is like a path decides") {
  CHECK(judge("*.log\n!keep.log", "a/keep.log") == verdict::kept);
  CHECK(judge("!keep.log\n*.log", "keep.log") == verdict::ignored);
  CHECK(judge("*.log\n!keep.log", "x.log") == verdict::ignored);
  CHECK(judge("*.log\n!keep.log", "x.txt") == verdict::none);
  CHECK(judge("x\n!x/", "x", false) == verdict::ignored);
  CHECK(judge("x\n!x/", "x", true) == verdict::kept);
}

TEST_CASE("comments, empty lines and line ends say nothing") {
  const std::string_view text = "\xef\xbb\xbf"
                                "a\r\n# b\r\n\r\n\n#c\n d\n!\n!#e\n";
  CHECK(ignores(text, "a"));
  CHECK(ignores(text, " d"));
  CHECK(judge(text, "#e") == verdict::kept);
  for (const char* path : {"b", "# b", "#c", "c", "d", "\r", "a\r"})
    CHECK(judge(text, path) == verdict::none);
  CHECK(ignores("last", "last"));
  CHECK(ignores("last\r", "last"));
  CHECK(gitignore::parse("#x\n\n!\n/\n").empty());
  CHECK(gitignore::parse("").empty());
}

TEST_CASE("a backslash keeps marks and spaces") {
  CHECK(ignores("\\#a", "#a"));
  CHECK(ignores("\\!a", "!a"));
  CHECK(ignores("a\\*", "a*"));
  CHECK_FALSE(ignores("a\\*", "ab"));
  CHECK(ignores("a  ", "a"));
  CHECK(ignores("a\\ ", "a "));
  CHECK(ignores("a\\  ", "a "));
  CHECK(ignores("a b ", "a b"));
  CHECK(ignores("a\t", "a\t"));
  CHECK_FALSE(ignores("a\\", "a"));
  CHECK_FALSE(ignores("a\\", "a\\"));
  CHECK_FALSE(ignores("a\\/", "a", true));
  CHECK(ignores(" ", " ") == false);
}

TEST_CASE("a line ends at a zero byte") {
  using namespace std::string_view_literals;
  CHECK(ignores("ab\0cd\nx"sv, "ab"));
  CHECK(ignores("ab\0cd\nx"sv, "x"));
  CHECK(gitignore::parse("\0ab"sv).empty());
}

TEST_CASE("patterns that are malformed ignore nothing") {
  for (const char* text : {"[", "[a", "[!", "x[[:word:]]", "*[a", "a/[b"})
    for (const char* path : {"a", "b", "[", "x", "[a", "a/b", "a/["}) {
      INFO(text << " " << path);
      CHECK(judge(text, path) == verdict::none);
    }
}

TEST_CASE("a file of ignored paths has a meaning wherever it is cut") {
  test::for_each_prefix("# all\n/build/\n!*.[ch]\n\\#x\\ \na/**/b\n",
                        [](std::string_view cut) {
                          const auto rules = gitignore::parse(cut);
                          for (const char* path : {"a", "a/x/b", "x.c", "#x "})
                            static_cast<void>(rules.judge(path, true));
                        });
}

TEST_CASE("patterns beyond the limits are passed over") {
  std::string many;
  for (std::size_t i = 0; i < gitignore::max_patterns; ++i)
    many += "x\n";
  CHECK_FALSE(ignores(many + "y", "y"));
  CHECK(ignores(many.substr(2) + "y", "y"));
  const std::string big(gitignore::max_text - 1, 'x');
  CHECK(ignores(big + "\ny", "y"));
  CHECK_FALSE(ignores(big + "\nyy", "yy"));
  CHECK(ignores("y\n" + big + "xx", "y"));
  const auto stars = "a" + std::string(gitignore::max_wild_text - 1, '*');
  CHECK(ignores(stars + "\n?", "b"));
  CHECK_FALSE(ignores(stars + "\n??", "bc"));
  CHECK(ignores(stars + "*\n*.o\nb", "b"));
}

TEST_CASE("a copy of the rules judges as they do") {
  gitignore copy;
  {
    const auto rules = gitignore::parse("a\n!b");
    copy = rules;
  }
  const auto moved = std::move(copy);
  CHECK(moved.judge("a", false) == verdict::ignored);
  CHECK(moved.judge("b", false) == verdict::kept);
}
