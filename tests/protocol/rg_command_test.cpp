#include "protocol/files/rg_command.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace outrigger;

namespace {

using arguments = std::vector<std::string>;

search_request asking(std::string text) {
  search_request out;
  out.pattern.text = std::move(text);
  return out;
}

bool has(const arguments& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

arguments of(const search_request& request) {
  return rg_arguments(request, "/usr/bin/rg", "");
}

} // namespace

TEST_CASE("the pattern and the path come behind all options") {
  const auto all = rg_arguments(asking("--pre=sh"), "/usr/bin/rg", "-x.c");
  REQUIRE(all.size() > 4);
  CHECK(all.front() == "/usr/bin/rg");
  CHECK(all[all.size() - 3] == "--");
  CHECK(all[all.size() - 2] == "--pre=sh");
  CHECK(all.back() == "./-x.c");
  CHECK(std::count(all.begin(), all.end(), "--") == 1);
  for (auto it = all.begin() + 1; *it != "--"; ++it)
    CHECK(it->starts_with("--"));
}

TEST_CASE("a folder is searched by its own name, never stdin") {
  CHECK(of(asking("x")).back() == "./");
}

TEST_CASE("nobody's configuration takes part") {
  CHECK(has(of(asking("x")), "--no-config"));
}

TEST_CASE("each option of a search is one of ripgrep's") {
  auto request = asking("x");
  auto plain = of(request);
  CHECK(has(plain, "--ignore-case"));
  CHECK(has(plain, "--fixed-strings"));
  CHECK(has(plain, "--max-count=101"));
  for (const auto* absent : {"--case-sensitive", "--word-regexp", "--hidden",
                             "--no-ignore", "--type=wanted"})
    CHECK_FALSE(has(plain, absent));
  request.pattern.case_sensitive = true;
  request.pattern.regex = true;
  request.pattern.whole_word = true;
  request.context_lines = 3;
  request.max_results = 7;
  request.filter.include_hidden = true;
  request.filter.no_gitignore = true;
  request.filter.file_types = {"ts", "g4"};
  const auto all = of(request);
  for (const auto* present :
       {"--case-sensitive", "--word-regexp", "--context=3", "--max-count=8",
        "--hidden", "--no-ignore", "--type-add=wanted:*.[tT][sS]",
        "--type-add=wanted:*.[gG]4", "--type=wanted"})
    CHECK(has(all, present));
  CHECK_FALSE(has(all, "--fixed-strings"));
  CHECK_FALSE(has(all, "--ignore-case"));
}

TEST_CASE("ripgrep is told of plain patterns only") {
  auto request = asking("x");
  request.filter.ignore_patterns = {"node_modules", "*.log", "a/b", "{a,b",
                                    "!x",           "\\x",   "[a]", "a?"};
  const auto all = of(request);
  CHECK(has(all, "--glob=!node_modules"));
  CHECK(has(all, "--glob=!*.log"));
  for (const auto* other : {"a/b", "{a,b", "!x", "\\x", "[a]", "a?"})
    CHECK_FALSE(has(all, "--glob=!" + std::string{other}));
}

TEST_CASE("a pattern that ripgrep refuses is the client's, in its words") {
  const auto why = pattern_complaint(
      "regex parse error:\n    (\n    ^\nerror: unclosed group\n");
  REQUIRE(why);
  CHECK(why->code == errc::malformed);
  CHECK(why->detail == "search: q is no regular expression: unclosed group");
  CHECK(pattern_complaint("rg: regex parse error:\n x\nerror: bad\n")->detail ==
        "search: q is no regular expression: bad");
  CHECK(pattern_complaint("the literal '\"\\n\"' is not allowed in a "
                          "regex\n\nConsider enabling multiline mode")
            ->detail ==
        "search: q is no regular expression: the literal '\"\\n\"' is not "
        "allowed in a regex");
}

TEST_CASE("another failure of ripgrep is not the pattern's") {
  const auto* text = GENERATE("",
                              "error: Found argument '--json' which wasn't "
                              "expected",
                              "rg: out of memory");
  CHECK_FALSE(pattern_complaint(text));
}

TEST_CASE("ripgrep's version is its first line") {
  CHECK(rg_version("ripgrep 13.0.0\n-SIMD -AVX (compiled)\n") ==
        "ripgrep 13.0.0");
  CHECK(rg_version("ripgrep 14.1.0 (rev e50df40a19)\n") == "ripgrep 14.1.0");
  CHECK(rg_version("") == "");
  CHECK(rg_version("usage: rg\n") == "");
  CHECK(rg_version("ripgrep \xff\n") == "");
}
