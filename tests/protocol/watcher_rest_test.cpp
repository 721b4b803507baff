#include "protocol/files/watcher_rest.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

std::string refusal(std::string_view body) {
  const auto parsed = parse_create_watcher(body);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == errc::malformed);
  return parsed.error().detail;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a watcher's body has two names for everything") {
  const auto* body =
      GENERATE(R"({"path":"/x","excludes":["a","*.b/"]})",
               R"({"root":"/x","exclude":["a","/*.b"]})",
               R"({"path":"/x","root":"/x","excludes":"a","exclude":["*.b"]})");
  CAPTURE(body);
  const auto parsed = parse_create_watcher(body);
  REQUIRE(parsed);
  CHECK(parsed->path == "/x");
  CHECK(parsed->excludes == texts{"a", "*.b"});
}

TEST_CASE("excludes may be left out") {
  CHECK(parse_create_watcher(R"({"path":"/x"})")->excludes.empty());
  CHECK(parse_create_watcher(R"({"path":"/x","excludes":null})"));
}

TEST_CASE("what is wrong with a watcher's body is named") {
  CHECK(refusal("{}").find("path is missing") != std::string::npos);
  CHECK(refusal(R"({"path":""})").find("path") != std::string::npos);
  CHECK(refusal(R"({"path":1})").find("path") != std::string::npos);
  CHECK(refusal(R"({"path":"/a","root":"/b"})").find("differ") !=
        std::string::npos);
  CHECK(refusal(R"({"path":"/a","excludes":1})").find("excludes") !=
        std::string::npos);
  CHECK(refusal(R"({"path":"/a","excludes":[1]})").find("excludes") !=
        std::string::npos);
  CHECK(refusal(R"({"path":"/a","excludes":["/"]})").find("excludes") !=
        std::string::npos);
  CHECK(refusal(R"({"path":"/a","excludes":["a\u0000"]})").find("excludes") !=
        std::string::npos);
  CHECK(refusal(R"({"path":"/a","excludes":[")" + std::string(256, 'x') +
                R"("]})")
            .find("excludes") != std::string::npos);
  std::string many = R"({"path":"/a","excludes":["x")";
  for (int i = 0; i < 64; ++i)
    many += R"(,"x")";
  CHECK(refusal(many + "]}").find("64") != std::string::npos);
  CHECK(refusal("[]").find("watcher") != std::string::npos);
}

TEST_CASE("a watcher's body that is cut off is refused") {
  test::for_each_prefix(R"({"path":"/x","excludes":["a"]})",
                        [](std::string_view part) {
                          CHECK(parse_create_watcher(part).has_error());
                        });
}

TEST_CASE("the usual excludes come first, and each once") {
  const auto merged = merged_excludes({"mine", "dist", "mine"});
  CHECK(merged.size() == default_excludes().size() + 1);
  CHECK(merged.back() == "mine");
  CHECK(std::count(merged.begin(), merged.end(), "dist") == 1);
}

TEST_CASE("ids are decimal") {
  CHECK(parse_watcher_id("1") == 1);
  CHECK(parse_watcher_id("18446744073709551615") == 18446744073709551615ULL);
  for (const auto* text :
       {"", "0", "01", "-1", "1 ", "x", "1x", "18446744073709551616"})
    CHECK(parse_watcher_id(text) == 0);
}

TEST_CASE("a watcher is answered both ways at once") {
  watcher_info watcher;
  watcher.id = 2;
  watcher.root = "/x";
  watcher.dirs = 7;
  watcher.excludes = {"a"};
  watcher.state = watch_state::degraded;
  watcher.degraded = {{"/x/b", "full"}};
  const std::string fields =
      R"("id":"2","root":"/x","dirs":7,"dir_count":7,"excludes":["a"],)"
      R"("active":true,"state":"degraded",)"
      R"("degraded":[{"path":"/x/b","reason":"full"}])";
  CHECK(watcher_to_json(watcher) ==
        R"({"success":true,"watcher":{)" + fields + "}," + fields + "}");
  CHECK(watchers_to_json({watcher}) ==
        R"({"success":true,"watchers":[{)" + fields + "}]}");
  CHECK(watchers_to_json({}) == R"({"success":true,"watchers":[]})");
  CHECK(watcher_deleted_to_json(2) == R"({"success":true,"watcher_id":"2"})");
}

TEST_CASE("a watcher that is gone or not ready is not active") {
  watcher_info watcher;
  const auto text = [&](watch_state state) {
    watcher.state = state;
    return watcher_to_json(watcher);
  };
  CHECK(text(watch_state::scanning).find(R"("active":false)") !=
        std::string::npos);
  CHECK(text(watch_state::gone).find(R"("state":"gone")") != std::string::npos);
  CHECK(text(watch_state::gone).find(R"("active":true)") == std::string::npos);
  CHECK(text(watch_state::active).find(R"("active":true)") !=
        std::string::npos);
}
