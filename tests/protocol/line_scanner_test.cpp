#include "protocol/files/line_scanner.hpp"

#include "tests/support/result_text.hpp"

#include <string>

using namespace outrigger;

namespace {

search_pattern literal(std::string text) {
  return {std::move(text), true, false, false};
}
search_pattern regex(std::string text) {
  return {std::move(text), true, true, false};
}
search_pattern word(search_pattern pattern) {
  pattern.whole_word = true;
  return pattern;
}
search_pattern any_case(search_pattern pattern) {
  pattern.case_sensitive = false;
  return pattern;
}

/// "3:5:text" of each match, "3-text" of each line beside one.
std::string scan(const search_pattern& pattern, std::string_view text,
                 std::size_t context = 0, std::size_t piece = 1 << 20,
                 std::size_t max_matches = 1000) {
  auto matcher = line_matcher::make(pattern);
  REQUIRE(matcher);
  line_scanner scanner{*matcher, context, max_matches};
  for (std::size_t at = 0; at < text.size(); at += piece)
    if (!scanner.feed(text.substr(at, piece)))
      break;
  std::string out;
  for (const auto& found : scanner.finish()) {
    out += std::to_string(found.line);
    out += found.column ? ":" + std::to_string(*found.column) + ":" : "-";
    out += found.text + (found.cut ? "…\n" : "\n");
  }
  return out;
}

constexpr std::string_view poem = "one\ntwo three\n\nfour\nthree two\nfive";

} // namespace

TEST_CASE("lines that match are found with their place") {
  CHECK(scan(literal("three"), poem) == "2:5:two three\n5:1:three two\n");
  CHECK(scan(literal("one"), poem) == "1:1:one\n");
  CHECK(scan(literal("five"), poem) == "6:1:five\n");
  CHECK(scan(literal("six"), poem) == "");
  CHECK(scan(literal("x"), "") == "");
}

TEST_CASE("a line is found once, however often it matches") {
  CHECK(scan(literal("a"), "xaaa a\nb\n") == "1:2:xaaa a\n");
}

TEST_CASE("a literal is no expression") {
  CHECK(scan(literal("a.b"), "axb\na.b\n") == "2:1:a.b\n");
  CHECK(scan(literal("(["), "x([\n") == "1:2:x([\n");
}

TEST_CASE("an expression is matched within one line") {
  CHECK(scan(regex("o.*r"), poem) == "2:3:two three\n4:2:four\n");
  CHECK(scan(regex("t[^x]*r"), poem) == "2:1:two three\n5:1:three two\n");
  CHECK(scan(regex("^t"), poem) == "2:1:two three\n5:1:three two\n");
  CHECK(scan(regex("e$"), poem) == "1:3:one\n2:9:two three\n6:4:five\n");
  CHECK(scan(regex("^$"), poem) == "3:1:\n");
  CHECK(scan(regex("^$"), "a\n") == ""); // behind it there is no line
  CHECK(scan(regex("one\\stwo|\\n"), "one\ntwo\n") == "");
  CHECK(scan(regex("a|b"), "b\n") == "1:1:b\n");
}

TEST_CASE("case matters when it is asked to") {
  CHECK(scan(literal("ONE"), poem) == "");
  CHECK(scan(any_case(literal("ONE")), poem) == "1:1:one\n");
  CHECK(scan(any_case(literal("\u00c9")), "caf\u00e9\n") == "1:4:caf\u00e9\n");
}

TEST_CASE("a whole word is one") {
  CHECK(scan(word(literal("cat")), "concat cat_ cats\n(cat)\n") ==
        "2:2:(cat)\n");
  CHECK(scan(word(literal("cat")), "concat cat\n") == "1:8:concat cat\n");
  CHECK(scan(word(literal("caf")), "caf\u00e9\ncaf \u00e9\n") ==
        "2:1:caf \u00e9\n");
  CHECK(scan(word(regex("foo|foobar")), "foobar\n") == "1:1:foobar\n");
}

TEST_CASE("what is no expression is refused with a reason") {
  const auto* text = GENERATE("(", "a)(b", "[z-a]", "a**\\", "\\pX", "a{1001}");
  CAPTURE(text);
  const auto matcher = line_matcher::make(regex(text));
  REQUIRE(matcher.has_error());
  CHECK(matcher.error().code == errc::malformed);
  CHECK(matcher.error().detail.starts_with(
      "search: q is no regular expression: "));
}

TEST_CASE("lines around a match are shown once, in order") {
  CHECK(scan(literal("four"), poem, 1) == "3-\n4:1:four\n5-three two\n");
  CHECK(scan(literal("t"), poem, 2) ==
        "1-one\n2:1:two three\n3-\n4-four\n5:1:three two\n6-five\n");
  CHECK(scan(literal("one"), poem, 10) ==
        "1:1:one\n2-two three\n3-\n4-four\n5-three two\n6-five\n");
  CHECK(scan(literal("five"), poem, 1) == "5-three two\n6:1:five\n");
}

TEST_CASE("a file may come in pieces of any size") {
  const auto context = GENERATE(0, 1, 3);
  const auto size = static_cast<std::size_t>(context);
  for (const auto* text : {"three", "o", "five", ""}) {
    const auto pattern = *text ? literal(text) : regex("^");
    const auto whole = scan(pattern, poem, size);
    for (std::size_t piece = 1; piece < poem.size(); ++piece) {
      CAPTURE(text, context, piece);
      CHECK(scan(pattern, poem, size, piece) == whole);
    }
  }
}

TEST_CASE("it stops after enough matches and the lines behind them") {
  CHECK(scan(literal("t"), poem, 0, 1 << 20, 1) == "2:1:two three\n");
  CHECK(scan(literal("t"), poem, 1, 1 << 20, 1) ==
        "1-one\n2:1:two three\n3-\n");
  auto matcher = line_matcher::make(literal("a"));
  line_scanner scanner{*matcher, 0, 1};
  CHECK_FALSE(scanner.feed("a\n"));
}

TEST_CASE("it stops when no more would fit into an answer") {
  const std::string line(limits::max_search_text, 'a');
  auto matcher = line_matcher::make(literal("a"));
  line_scanner scanner{*matcher, 1, 1'000'000};
  std::size_t fed = 0;
  while (scanner.feed(line + "\n"))
    fed += line.size();
  CHECK(fed <= limits::max_search_answer + line.size());
}

TEST_CASE("in a file with a NUL nothing is found") {
  using namespace std::string_view_literals;
  CHECK(scan(literal("a"), "a\nb\0c\na\n"sv) == "");
  CHECK(scan(literal("a"), "a\nb\0c\na\n"sv, 0, 2) == "");
  auto matcher = line_matcher::make(literal("a"));
  line_scanner scanner{*matcher, 0, 10};
  CHECK(scanner.feed("a\n"));
  CHECK_FALSE(scanner.feed("\0"sv));
}

TEST_CASE("of a line without end the start is searched") {
  std::string text = "start";
  text.append(2 * line_scanner::max_line, 'x');
  text += "END\nnext END\n";
  CHECK(scan(literal("END"), text, 0, 1 << 16) == "2:6:next END\n");
  const auto found = scan(literal("start"), text, 1, 1 << 16);
  CHECK(found.starts_with("1:1:startxxx"));
  CHECK(found.ends_with("…\n2-next END\n"));
}

TEST_CASE("bytes that are no characters do not keep lines from being found") {
  CHECK(scan(literal("x"), "\xff\xfe x\n") == "1:4:\uFFFD\uFFFD x\n");
}
