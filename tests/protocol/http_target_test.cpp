#include "protocol/http_target.hpp"

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"
#include "tests/protocol/prefixes.hpp"

using namespace outrigger;
using outrigger::test::for_each_prefix;

TEST_CASE("a target is taken apart into its path and decoded query") {
  const auto target =
      parse_http_target("/terminals/%31?bytes=10&q=a+b%2Fc&empty=&bare&q=2");
  REQUIRE(target.has_value());
  CHECK(target->path == "/terminals/%31");
  CHECK(target->query ==
        std::vector<std::pair<std::string, std::string>>{{"bytes", "10"},
                                                         {"q", "a b/c"},
                                                         {"empty", ""},
                                                         {"bare", ""},
                                                         {"q", "2"}});
  CHECK(target->secrets.empty());
  CHECK_FALSE(target->names_token);
  REQUIRE(target->find("q"));
  CHECK(*target->find("q") == "a b/c");
  CHECK_FALSE(target->find("nothing"));
}

TEST_CASE("secrets leave the query, however their names are written") {
  const auto target = parse_http_target(
      "/ws?a=1&tok%65n=x%20y&api_key=k&internal_token=i&api%5Fkey=l&b=2"
      "&ticket=t");
  REQUIRE(target.has_value());
  CHECK(target->secrets == std::vector<std::string>{"x y", "k", "i", "l", "t"});
  REQUIRE(target->query.size() == 2);
  CHECK(target->query[0].first == "a");
  CHECK(target->query[1].first == "b");
}

TEST_CASE("an empty token is a token") {
  const auto target = parse_http_target("/ws?token");
  REQUIRE(target.has_value());
  CHECK(target->secrets == std::vector<std::string>{""});
}

TEST_CASE("several secrets are kept, whether they differ or not") {
  const auto target = parse_http_target("/ws?token=a&token=b&ticket=a");
  REQUIRE(target.has_value());
  CHECK(target->secrets == std::vector<std::string>{"a", "b", "a"});
  CHECK(target->query.empty());
}

TEST_CASE("a token or a ticket is the sign of its dialect, a key is not") {
  CHECK(parse_http_target("/ws?token=a")->names_token);
  CHECK(parse_http_target("/ws?ticket=a&api_key=b")->names_token);
  CHECK_FALSE(parse_http_target("/ws?api_key=a")->names_token);
  CHECK_FALSE(parse_http_target("/ws?internal_token=a")->names_token);
  CHECK_FALSE(parse_http_target("/ws?Token=a")->names_token);
}

TEST_CASE("a query without fields is an empty one") {
  for (const auto* text : {"/?", "/?&", "/?&&&"}) {
    const auto target = parse_http_target(text);
    REQUIRE(target.has_value());
    CHECK(target->query.empty());
  }
}

TEST_CASE("ordinary paths pass") {
  const auto* path = GENERATE("/", "/a/b/", "//x", "/...", "/.hidden", "/a..b",
                              "/%E2%82%AC", "/~user/x-y_z", "/a%20b", "/a:b@c");
  CAPTURE(path);
  CHECK(parse_http_target(path).has_value());
}

TEST_CASE("ambiguous or hostile targets are malformed") {
  const auto text = GENERATE(
      as<std::string>{}, "", "*", "health", "http://localhost/health",
      "localhost:80", "?a", "/a b", "/a\tb", "/a\nb", "/a\x7f", "/a#b",
      "/?a=b c", "/?\r\nX: y", "/%", "/%4", "/%zz", "/%4g", "/?%", "/?a=%f",
      "/%00", "/?a=%00", "/a%2fb", "/a%2Fb", "/%ff", "/\xff", "/?a=%ff",
      "/%c0%af", "/%ed%a0%80", "/%0a", "/%7f", "/.", "/..", "/a/../b", "/a/./b",
      "/a/..", "/%2e%2e/x", "/.%2E", "/%2e", "/../..//x");
  CAPTURE(text);
  const auto target = parse_http_target(text);
  REQUIRE(target.has_error());
  CHECK(target.error().code == errc::malformed);
}

TEST_CASE("a raw NUL byte is malformed anywhere in a target") {
  CHECK(parse_http_target(std::string_view("/a\0b", 4)).has_error());
  CHECK(parse_http_target(std::string_view("/?a\0", 4)).has_error());
}

TEST_CASE("a target may be 4 KiB and no longer") {
  const auto longest = "/" + std::string(limits::max_target - 1, 'a');
  CHECK(parse_http_target(longest).has_value());
  CHECK(parse_http_target(longest + 'a').has_error());
}

TEST_CASE("a target cut anywhere is parsed or malformed") {
  for_each_prefix("/t/%E2%82%AC/x?q=%41&token=%E2%82%AC&a", [](auto text) {
    const auto target = parse_http_target(text);
    if (!target)
      CHECK(target.error().code == errc::malformed);
  });
}

TEST_CASE("no refused target is quoted with its token") {
  const auto target = parse_http_target("/ws?token=canary&ticket=canary%");
  REQUIRE(target.has_error());
  CHECK(target.error().detail.find("canary") == std::string::npos);
}
