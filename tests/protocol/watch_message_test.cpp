#include "protocol/files/watch_message.hpp"

#include <catch2/catch.hpp>

#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

std::string refusal(std::string_view text) {
  const auto parsed = parse_socket_message(text);
  REQUIRE(parsed.has_error());
  return parsed.error().detail;
}

const std::string watch = R"({"channel":"watcher","type":"watch","path":"/x")";

} // namespace

TEST_CASE("a client asks for a watch of its own") {
  const auto parsed =
      parse_socket_message(watch + R"(,"id":"mine","excludes":["a","b/"]})");
  REQUIRE(parsed);
  const auto& message = std::get<watch_message>(*parsed);
  CHECK(message.id == "mine");
  CHECK(message.path == "/x");
  CHECK(message.excludes == std::vector<std::string>{"a", "b"});
  CHECK(std::get<watch_message>(*parse_socket_message(watch + R"(,"id":7})"))
            .id == "7");
  CHECK(std::get<watch_message>(*parse_socket_message(watch + "}")).id.empty());
}

TEST_CASE("and for its end") {
  const auto* id = GENERATE(R"("12")", "12");
  const auto parsed = parse_socket_message(
      R"({"channel":"watcher","type":"unwatch","watcher_id":)" +
      std::string{id} + "}");
  REQUIRE(parsed);
  CHECK(std::get<unwatch_message>(*parsed).watcher == 12);
}

TEST_CASE("the terminals' messages are understood as before") {
  const auto parsed =
      parse_socket_message(R"({"type":"resize","id":"1","cols":80,"rows":24})");
  REQUIRE(parsed);
  CHECK(std::holds_alternative<resize_message>(*parsed));
  CHECK(refusal(R"({"channel":"terminal","type":"watch","path":"/x"})")
            .find("type is unknown") != std::string::npos);
  CHECK(refusal(R"({"channel":"other","type":"watch"})")
            .find("channel is unknown") != std::string::npos);
  CHECK(refusal("nonsense").find("not valid JSON") != std::string::npos);
}

TEST_CASE("what is wrong with a message about watching is named") {
  const std::string begin = R"({"channel":"watcher")";
  CHECK(refusal(begin + "}").find("type is missing") != std::string::npos);
  CHECK(refusal(begin + R"(,"type":"dance"})").find("type is unknown") !=
        std::string::npos);
  CHECK(refusal(begin + R"(,"type":"watch"})").find("path is missing") !=
        std::string::npos);
  CHECK(refusal(begin + R"(,"type":"watch","path":""})").find("path") !=
        std::string::npos);
  CHECK(refusal(watch + R"(,"id":[]})").find("id must") != std::string::npos);
  CHECK(refusal(watch + R"(,"id":")" + std::string(256, 'x') + "\"}")
            .find("id must") != std::string::npos);
  CHECK(refusal(watch + R"(,"excludes":[1]})").find("excludes") !=
        std::string::npos);
  for (const auto* id : {"", R"(,"watcher_id":"0")", R"(,"watcher_id":-1)",
                         R"(,"watcher_id":"x")", R"(,"watcher_id":1.5)"})
    CHECK(
        refusal(begin + R"(,"type":"unwatch")" + id + "}").find("watcher_id") !=
        std::string::npos);
}

TEST_CASE("a message about watching that is cut off is refused") {
  test::for_each_prefix(watch + "}", [](std::string_view part) {
    CHECK(parse_socket_message(part).has_error());
  });
}

TEST_CASE("errors of watching say which") {
  CHECK(watch_error_to_json("mine", 0, {errc::conflict, "too many"}) ==
        R"({"channel":"watcher","type":"error","id":"mine",)"
        R"("code":"conflict","error":"too many","message":"too many"})");
  CHECK(watch_error_to_json("", 4, {errc::not_found, "no watcher"})
            .find(R"("watcher_id":"4")") != std::string::npos);
  CHECK(unwatched_to_json(4) ==
        R"({"channel":"watcher","type":"unwatched","watcher_id":"4"})");
}
