#include "protocol/files/search_request.hpp"

#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

result<search_request> parse(const std::string& query) {
  const auto target = parse_http_target("/files/search?" + query);
  REQUIRE(target);
  return parse_search_request(*target);
}

/// The error names the parameter.
void refuses(const std::string& query, const std::string& parameter) {
  CAPTURE(query);
  const auto out = parse(query);
  REQUIRE(out.has_error());
  CHECK(out.error().code == errc::malformed);
  CHECK(out.error().detail.starts_with("search: " + parameter + " "));
}

std::string repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

} // namespace

TEST_CASE("a search has its defaults") {
  const auto out = parse("q=x");
  REQUIRE(out);
  CHECK(out->pattern.text == "x");
  CHECK_FALSE(out->pattern.case_sensitive);
  CHECK_FALSE(out->pattern.regex);
  CHECK_FALSE(out->pattern.whole_word);
  CHECK(out->path == "");
  CHECK_FALSE(out->filter.include_hidden);
  CHECK_FALSE(out->filter.no_gitignore);
  CHECK(out->filter.file_types.empty());
  CHECK(out->filter.ignore_patterns.empty());
  CHECK(out->max_results == 100);
  CHECK(out->context_lines == 0);
  CHECK(out->timeout == std::chrono::seconds{10});
}

TEST_CASE("a search is as it was asked for") {
  const auto out =
      parse("q=a%20b&path=/app/src&case_sensitive=true&regex=1&whole_word=true"
            "&include_hidden=true&no_gitignore=true&max_results=7&timeout=60"
            "&context_lines=10&file_types=ts,.go&ignore_patterns=*.log,a/b");
  REQUIRE(out);
  CHECK(out->pattern.text == "a b");
  CHECK(out->path == "/app/src");
  CHECK(out->pattern.case_sensitive);
  CHECK(out->pattern.regex);
  CHECK(out->pattern.whole_word);
  CHECK(out->filter.include_hidden);
  CHECK(out->filter.no_gitignore);
  CHECK(out->max_results == 7);
  CHECK(out->timeout == std::chrono::seconds{60});
  CHECK(out->context_lines == 10);
  CHECK(out->filter.file_types == std::vector<std::string>{"ts", "go"});
  CHECK(out->filter.ignore_patterns ==
        std::vector<std::string>{"*.log", "a/b"});
}

TEST_CASE("what cannot be asked for is refused by its name") {
  refuses("path=/", "q");
  refuses("q=", "q");
  refuses("q=" + std::string(1001, 'x'), "q");
  refuses("q=a%0Ab", "q");
  refuses("q=x&regex=perhaps", "regex");
  for (const auto* value : {"0", "-1", "x", "1.5", "99999999999999999999"})
    refuses("q=x&max_results=" + std::string{value}, "max_results");
  for (const auto* value : {"0", "61", "1s"})
    refuses("q=x&timeout=" + std::string{value}, "timeout");
  refuses("q=x&context_lines=11", "context_lines");
  for (const auto* value : {"a/b", "*.ts", ".", "%C3%A9"})
    refuses("q=x&file_types=" + std::string{value}, "file_types");
  refuses("q=x&file_types=" + repeat("a,", 65), "file_types");
  refuses("q=x&ignore_patterns=" + repeat("a,", 65), "ignore_patterns");
  refuses("q=x&ignore_patterns=" + std::string(257, 'a'), "ignore_patterns");
}

TEST_CASE("characters of a query are counted, not bytes") {
  CHECK(parse("q=" + std::string(1000, 'x')));
  CHECK(parse("q=" + repeat("%C3%A9", 600))); // 1,200 bytes
}

TEST_CASE("more results than there may be are as many as there may be") {
  CHECK(parse("q=x&max_results=1000000")->max_results ==
        limits::max_search_results);
}

TEST_CASE("a search for names has its own defaults") {
  const auto target = parse_http_target("/files/search/files?q=main");
  const auto out = parse_name_request(*target);
  REQUIRE(out);
  CHECK(out->query == "main");
  CHECK(out->max_results == 200);
  CHECK_FALSE(out->case_sensitive);
  const auto wrong = parse_http_target("/files/search/files?q=x&max_results=0");
  CHECK(parse_name_request(*wrong).error().code == errc::malformed);
}
