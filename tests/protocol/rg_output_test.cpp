#include "protocol/files/rg_output.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace outrigger;

namespace {

struct heard_events {
  std::vector<rg_event> events;
  bool refused = false;
};

heard_events read(std::string_view text, std::size_t size = 10'000,
                  std::size_t max_text = 100) {
  heard_events out;
  rg_reader reader{max_text};
  for (std::size_t at = 0; at < text.size() && !out.refused; at += size)
    out.refused = !reader.feed(text.substr(at, size), [&](rg_event&& event) {
      out.events.push_back(std::move(event));
    });
  return out;
}

rg_event one(std::string_view text, std::size_t max_text = 100) {
  auto heard = read(text, 10'000, max_text);
  CHECK_FALSE(heard.refused);
  REQUIRE(heard.events.size() == 1);
  return heard.events[0];
}

// As version 13.0.0 printed it.
constexpr std::string_view sample =
    R"({"type":"begin","data":{"path":{"text":"./a.txt"}}}
{"type":"context","data":{"path":{"text":"./a.txt"},"lines":{"text":"foo\n"},"line_number":2,"absolute_offset":12,"submatches":[]}}
{"type":"match","data":{"path":{"text":"./a.txt"},"lines":{"text":"hi hello hello\n"},"line_number":3,"absolute_offset":16,"submatches":[{"match":{"text":"hello"},"start":3,"end":8},{"match":{"text":"hello"},"start":9,"end":14}]}}
{"type":"end","data":{"path":{"text":"./a.txt"},"binary_offset":null,"stats":{"elapsed":{"secs":0,"nanos":27341,"human":"0.000027s"},"searches":1,"searches_with_match":1,"bytes_searched":34,"bytes_printed":462,"matched_lines":2,"matches":3}}}
{"data":{"elapsed_total":{"human":"0.002753s","nanos":2753284,"secs":0},"stats":{"bytes_printed":101640,"bytes_searched":100086}},"type":"summary"}
)";

std::string match_of(std::string_view path, std::string_view lines) {
  return R"({"type":"match","data":{"path":)" + std::string{path} +
         R"(,"lines":)" + std::string{lines} +
         R"(,"line_number":1,"absolute_offset":0,"submatches":[]}})"
         "\n";
}

} // namespace

TEST_CASE("ripgrep's output is read as what it tells") {
  const auto heard = read(sample);
  CHECK_FALSE(heard.refused);
  REQUIRE(heard.events.size() == 5);
  CHECK(heard.events[0].kind == rg_kind::begin);
  CHECK(heard.events[0].path == "./a.txt");
  const auto& context = heard.events[1];
  CHECK(context.kind == rg_kind::context);
  CHECK(context.text == "foo\n");
  CHECK(context.line == 2);
  CHECK(context.offset == 12);
  CHECK_FALSE(context.start);
  const auto& match = heard.events[2];
  CHECK(match.kind == rg_kind::match);
  CHECK(match.path == "./a.txt");
  CHECK(match.text == "hi hello hello\n");
  CHECK_FALSE(match.cut);
  CHECK(match.line == 3);
  CHECK(match.offset == 16);
  CHECK(match.start == 3);
  CHECK(heard.events[3].kind == rg_kind::end);
  CHECK_FALSE(heard.events[3].binary);
  CHECK(heard.events[4].kind == rg_kind::summary);
}

TEST_CASE("ripgrep's output may come in pieces of any size") {
  const auto size = GENERATE(1, 2, 3, 7, 64, 500);
  CAPTURE(size);
  const auto whole = read(sample);
  const auto pieces = read(sample, static_cast<std::size_t>(size));
  CHECK_FALSE(pieces.refused);
  REQUIRE(pieces.events.size() == whole.events.size());
  for (std::size_t i = 0; i < whole.events.size(); ++i) {
    CHECK(pieces.events[i].kind == whole.events[i].kind);
    CHECK(pieces.events[i].path == whole.events[i].path);
    CHECK(pieces.events[i].text == whole.events[i].text);
    CHECK(pieces.events[i].offset == whole.events[i].offset);
    CHECK(pieces.events[i].start == whole.events[i].start);
  }
}

TEST_CASE("an object that is cut short is not told") {
  for (std::size_t size = 0; size < sample.find('\n'); ++size)
    CHECK(read(sample.substr(0, size)).events.empty());
}

TEST_CASE("paths and lines that are not UTF-8 come as base64") {
  const auto event =
      one(match_of(R"({"bytes":"bv8udHh0"})", R"({"bytes":"eP8gaGVsbG8K"})"));
  CHECK(event.path == "n\xff.txt");
  CHECK(event.text == "x\xff hello\n");
  CHECK_FALSE(event.cut);
}

TEST_CASE("of a long line the first bytes are kept") {
  const std::string text(1000, 'y');
  auto event =
      one(match_of(R"({"text":"a"})", "{\"text\":\"" + text + "\"}"), 100);
  CHECK(event.text == std::string(100, 'y'));
  CHECK(event.cut);
  std::string base64; // "yyy"
  while (base64.size() < 1000)
    base64 += "eXl5";
  event =
      one(match_of(R"({"text":"a"})", "{\"bytes\":\"" + base64 + "\"}"), 100);
  CHECK(event.text == std::string(100, 'y'));
  CHECK(event.cut);
}

TEST_CASE("a line as long as what is kept is whole") {
  const std::string text(100, 'y');
  const auto event =
      one(match_of(R"({"text":"a"})", "{\"text\":\"" + text + "\"}"), 100);
  CHECK(event.text == text);
  CHECK_FALSE(event.cut);
}

TEST_CASE("a file with a NUL in it is told as binary") {
  CHECK(one(R"({"type":"end","data":{"path":{"text":"a"},"binary_offset":5}})")
            .binary);
}

TEST_CASE("of several matches in a line the first one's place is told") {
  const auto event = one(
      R"({"data":{"submatches":[{"start":0,"end":1},{"start":5,"end":6}]},"type":"match"})");
  CHECK(event.kind == rg_kind::match);
  CHECK(event.start == 0);
}

TEST_CASE("what a newer ripgrep tells besides is passed over") {
  const auto event = one(
      R"({"type":"match","new":[{"path":{"text":"no"}}],"data":{"path":{"text":"a","start":9},"line_number":7,"lines":{"text":"x","line_number":8},"more":{"data":{"line_number":9}}}})");
  CHECK(event.path == "a");
  CHECK(event.line == 7);
  CHECK_FALSE(event.start);
  CHECK(one(R"({"type":"news","data":{}})").kind == rg_kind::other);
}

TEST_CASE("what is not ripgrep's is refused") {
  const auto* text =
      GENERATE("rg: no", "1\n", "\"text\" ", "{\"a\":]", "<html>",
               R"({"data":{"path":{"bytes":"%%%%"}}})");
  CAPTURE(text);
  CHECK(read(text).refused);
}

TEST_CASE("a path over all bounds is refused") {
  const std::string path(5000, 'p');
  CHECK(
      read(match_of("{\"text\":\"" + path + "\"}", R"({"text":"x"})")).refused);
}
