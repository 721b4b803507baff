#include "protocol/files/search_answer.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

found_line match(std::uint64_t line, std::string text = "x") {
  return {line, 1, std::move(text), false};
}
found_line beside(std::uint64_t line, std::string text = "y") {
  return {line, std::nullopt, std::move(text), false};
}

std::size_t lines_in(const search_results& found, const std::string& path) {
  const auto file = found.files().find(path);
  return file == found.files().end() ? 0 : file->second.size();
}

} // namespace

TEST_CASE("a line is shown without its end, as UTF-8") {
  CHECK(show_line(1, 2, "\tab\n", false) == found_line{1, 2, "\tab", false});
  CHECK(show_line(1, {}, "ab\r\n", false).text == "ab");
  CHECK(show_line(1, {}, "ab", false).text == "ab");
  CHECK(show_line(1, {}, "ab\r", false).text == "ab\r");
  CHECK(show_line(1, {}, "", false).text == "");
  CHECK(show_line(1, {}, "a\xff", false).text == "a\xef\xbf\xbd");
}

TEST_CASE("a long line is cut between characters") {
  const std::string whole(limits::max_search_text, 'a');
  CHECK(show_line(1, 1, whole + "\n", false) == found_line{1, 1, whole, false});
  CHECK(show_line(1, 1, whole + "b\n", false) == found_line{1, 1, whole, true});
  std::string accents;
  while (accents.size() < limits::max_search_text + 10)
    accents += "\u20ac"; // three bytes, which do not fit evenly
  const auto cut = show_line(1, 1, accents, false);
  CHECK(cut.cut);
  CHECK(cut.text == accents.substr(0, limits::max_search_text / 3 * 3));
  CHECK(show_line(1, 1, "ab\xe2\x82", true) == found_line{1, 1, "ab", true});
}

TEST_CASE("as many matches are kept as were asked for") {
  search_results found{3};
  found.add("a", {match(1), match(2)});
  CHECK(found.room() == 1);
  CHECK_FALSE(found.capped());
  found.add("b", {match(1)});
  CHECK(found.room() == 0);
  CHECK_FALSE(found.capped()); // nobody knows yet
  found.add("c", {match(1)});
  CHECK(found.capped());
  CHECK(found.matches() == 3);
  CHECK(found.files().size() == 2);
}

TEST_CASE("lines beside a match count for nothing, and do not stand alone") {
  search_results found{2};
  found.add("a", {beside(1), match(2), beside(3), match(4), beside(5), match(6),
                  beside(7)});
  CHECK(found.matches() == 2);
  CHECK(lines_in(found, "a") == 5);
  CHECK(found.capped());
  search_results none{1};
  none.add("a", {match(1)});
  none.add("b", {beside(1), match(2)});
  CHECK(none.files().size() == 1);
}

TEST_CASE("an answer has a size, too") {
  search_results found{100, 1000};
  found.add("a", {match(1, std::string(500, 'x')),
                  match(2, std::string(500, 'x')), match(3)});
  CHECK(found.matches() == 1);
  CHECK(found.capped());
  search_results written{100, 1000}; // in JSON six bytes each
  written.add("a", {match(1, std::string(200, '\x01'))});
  CHECK(written.capped());
}

TEST_CASE("results are an object of paths") {
  search_results found{10};
  found.add("b.c", {match(2, "say \"hi\"\t")});
  found.add("a/\xff.c", {beside(1, "above"), {2, 7, "long", true}});
  CHECK(
      search_to_json("hi", "/work", found) ==
      R"({"success":true,"query":"hi","path":"/work","results":{)"
      "\"a/\uFFFD.c\""
      R"(:[{"line":1,"text":"above"},{"line":2,"column":7,"text":"long","truncated":true}],)"
      R"("b.c":[{"line":2,"column":1,"text":"say \"hi\"\t"}]},)"
      R"("total_matches":2,"total_files":2,"capped":false})");
}

TEST_CASE("nothing found is an empty object") {
  CHECK(search_to_json("q", "/", search_results{1}) ==
        R"({"success":true,"query":"q","path":"/","results":{},)"
        R"("total_matches":0,"total_files":0,"capped":false})");
}

TEST_CASE("names are a list") {
  CHECK(names_to_json("m", "/work", {"a/main.c", "m"}, true) ==
        R"({"success":true,"query":"m","path":"/work",)"
        R"("files":["a/main.c","m"],"total_files":2,"capped":true})");
}

TEST_CASE("the tool is told with its path and version, or with why not") {
  CHECK(tool_to_json({"/usr/bin/rg", "ripgrep 13.0.0"}) ==
        R"({"success":true,"installed":true,"path":"/usr/bin/rg",)"
        R"("version":"ripgrep 13.0.0"})");
  const auto none = tool_to_json({});
  CHECK(none.starts_with(R"({"success":true,"installed":false,"message":")"));
  const auto refusal = tool_refusal_to_json();
  CHECK(refusal.starts_with(R"({"success":false,"installed":false,"error":")"));
  CHECK(refusal.find(R"("status_code":501)") != std::string::npos);
}
