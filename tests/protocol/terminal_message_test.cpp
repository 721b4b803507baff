#include "protocol/terminal_message.hpp"

#include <catch2/catch.hpp>

#include "protocol/json.hpp"
#include "protocol/limits.hpp"
#include "tests/protocol/prefixes.hpp"

using namespace outrigger;
using outrigger::test::for_each_prefix;

namespace {

constexpr auto resize =
    R"({"channel":"terminal","type":"resize","id":"3","cols":120,"rows":40})";

std::string refusal(std::string_view text) {
  const auto message = parse_terminal_message(text);
  if (message)
    return "accepted";
  return message.error().code == errc::malformed ? message.error().detail
                                                 : "another code";
}

} // namespace

TEST_CASE("a resize message names a terminal and its size") {
  const auto message = parse_terminal_message(resize);
  REQUIRE(message.has_value());
  const auto* wanted = std::get_if<resize_message>(&*message);
  REQUIRE(wanted);
  CHECK(wanted->id == 3);
  CHECK(wanted->size == terminal_size{120, 40});
}

TEST_CASE("a missing channel counts as terminal, an id may be a number") {
  const auto message = parse_terminal_message(
      R"({"type":"resize","id":255,"cols":1,"rows":1,"more":[{}]})");
  REQUIRE(message.has_value());
  CHECK(std::get<resize_message>(*message).id == 255);
}

TEST_CASE("the extensions are understood") {
  const auto ack = parse_terminal_message(
      R"({"type":"ack","id":"1","offset":9007199254740992})");
  REQUIRE(ack.has_value());
  CHECK(std::get<ack_message>(*ack).offset == 9007199254740992u);

  const auto attach = parse_terminal_message(R"({"type":"attach","id":"2"})");
  REQUIRE(attach.has_value());
  CHECK_FALSE(std::get<attach_message>(*attach).after);

  const auto from =
      parse_terminal_message(R"({"type":"attach","id":"2","after":0})");
  REQUIRE(from.has_value());
  CHECK(std::get<attach_message>(*from).after == 0u);

  const auto detach = parse_terminal_message(R"({"type":"detach","id":"9"})");
  REQUIRE(detach.has_value());
  CHECK(std::get<detach_message>(*detach).id == 9);
}

TEST_CASE("a message's error names the field at fault") {
  const auto [text, field] = GENERATE(table<std::string, std::string>({
      {R"({"channel":"files","type":"resize"})", "channel is unknown"},
      {R"({"channel":1,"type":"resize"})", "channel must be a string"},
      {R"({"id":"1"})", "type is missing"},
      {R"({"type":"nope","id":"1"})", "type is unknown"},
      {R"({"type":[],"id":"1"})", "type must be a string"},
      {R"({"type":"resize","cols":1,"rows":1})", "id is missing"},
      {R"({"type":"resize","id":"1","rows":1})", "cols is missing"},
      {R"({"type":"resize","id":"1","cols":1})", "rows is missing"},
      {R"({"type":"resize","id":"1","cols":"80","rows":1})", "cols must be"},
      {R"({"type":"resize","id":"1","cols":80.5,"rows":1})", "cols must be"},
      {R"({"type":"resize","id":"1","cols":0,"rows":1})", "cols must be"},
      {R"({"type":"resize","id":"1","cols":-1,"rows":1})", "cols must be"},
      {R"({"type":"resize","id":"1","cols":2001,"rows":1})", "cols must be"},
      {R"({"type":"resize","id":"1","cols":65616,"rows":1})", "cols must be"},
      {R"({"type":"resize","id":"1","cols":1,"rows":1001})", "rows must be"},
      {R"({"type":"resize","id":"1","cols":1,"rows":99999999999999999999})",
       "rows must be"},
      {R"({"type":"ack","id":"1"})", "offset is missing"},
      {R"({"type":"ack","id":"1","offset":-1})", "offset must be"},
      {R"({"type":"ack","id":"1","offset":1.5})", "offset must be"},
      {R"({"type":"ack","id":"1","offset":"1"})", "offset must be"},
      {R"({"type":"ack","id":"1","offset":9007199254740993})",
       "offset must be"},
      {R"({"type":"attach","id":"1","after":true})", "after must be"},
  }));
  CAPTURE(text);
  CHECK_THAT(refusal(text), Catch::Contains(field));
}

TEST_CASE("an id must be one of the 255") {
  const auto* id = GENERATE("0", "256", "-1", "1.0", "true", "[]", "{}", "\"\"",
                            "\"0\"", "\"256\"", "\"01\"", "\"+1\"", "\" 1\"",
                            "\"1 \"", "\"x\"", "\"1\\u0000\"");
  CAPTURE(id);
  CHECK_THAT(refusal(R"({"type":"detach","id":)" + std::string{id} + "}"),
             Catch::Contains("id must be"));
}

TEST_CASE("a message that is no JSON object is malformed") {
  for (const auto* text : {"", "[]", "resize", "{\"type\":\"detach\"", "{}x"})
    CHECK(refusal(text) != "accepted");
}

TEST_CASE("a message cut anywhere is malformed") {
  for_each_prefix(resize,
                  [](auto text) { CHECK(refusal(text) != "accepted"); });
}

TEST_CASE("a message over a mebibyte is too large") {
  const auto text = std::string{resize} + std::string(limits::max_message, ' ');
  CHECK(parse_terminal_message(text).error().code == errc::too_large);
}

TEST_CASE("sizes are refused, never wrapped") {
  CHECK(checked_size(2000, 1000).value() == terminal_size{2000, 1000});
  CHECK(checked_size(65536 + 80, 24).has_error());
  CHECK(checked_size(80, INT64_MAX).has_error());
  CHECK(checked_size(INT64_MIN, 24).has_error());
}

TEST_CASE("resume points are a list of ids and offsets") {
  CHECK(parse_resume_points("").value().empty());
  CHECK(parse_resume_points("1:0,255:9007199254740992").value() ==
        std::vector<resume_point>{{1, 0}, {255, 9007199254740992}});
}

TEST_CASE("other resume lists are malformed") {
  const auto* text =
      GENERATE("1", "1:", ":1", "0:1", "256:1", "1:-1", "1:+1", "1:x", "1:1,",
               ",1:1", "1:1,,2:2", "1:1,1:2", "1:1:1", "1 :1", "01:1",
               "1:9007199254740993", "1:99999999999999999999999", "1;1", " ");
  CAPTURE(text);
  const auto points = parse_resume_points(text);
  REQUIRE(points.has_error());
  CHECK(points.error().code == errc::malformed);
}

TEST_CASE("a resume list cut anywhere is parsed or malformed") {
  for_each_prefix("12:345,6:7", [](auto text) {
    const auto points = parse_resume_points(text);
    if (!points)
      CHECK(points.error().code == errc::malformed);
  });
}

TEST_CASE("the longest resume list has every terminal") {
  std::string text;
  for (int id = 1; id <= 255; ++id)
    text += (id > 1 ? "," : "") + std::to_string(id) + ":1";
  CHECK(parse_resume_points(text).value().size() == 255);
}

TEST_CASE("the messages to clients have their documented form") {
  CHECK(to_json(attached_message{7, "s-1", 10, 5, 20, {80, 24}, false}) ==
        R"({"channel":"terminal","type":"attached","id":"7","session":"s-1",)"
        R"("offset":10,"tail":5,"head":20,"cols":80,"rows":24,)"
        R"("alive":false})");
  CHECK(to_json(gap_message{1, 100, 200}) ==
        R"({"channel":"terminal","type":"gap","id":"1","from":100,"to":200})");
  CHECK(exit_to_json(1, {0, 0}, false) ==
        R"({"channel":"terminal","type":"exit","id":"1","code":0})");
  CHECK(exit_to_json(1, {137, 9}, false) ==
        R"({"channel":"terminal","type":"exit","id":"1","code":137})");
  CHECK(exit_to_json(1, {137, 9}, true) ==
        R"({"channel":"terminal","type":"exit","id":"1","code":137,)"
        R"("signal":"SIGKILL"})");
  CHECK(error_to_json(5, {errc::not_found, "terminal 5: no such terminal"}) ==
        R"({"channel":"terminal","type":"error","id":"5","code":"not_found",)"
        R"("error":"terminal 5: no such terminal",)"
        R"("message":"terminal 5: no such terminal"})");
  CHECK_THAT(error_to_json(std::nullopt, {errc::malformed, "x"}),
             !Catch::Contains("\"id\""));
}

TEST_CASE("what is written can be read: a size survives the way there") {
  json::writer out;
  out.field("type", "resize")
      .field("id", "8")
      .field("cols", 133)
      .field("rows", 44);
  const auto message = parse_terminal_message(out.finish());
  REQUIRE(message.has_value());
  CHECK(std::get<resize_message>(*message).size == terminal_size{133, 44});
}

TEST_CASE("signals have their names") {
  CHECK(signal_name(1) == "SIGHUP");
  CHECK(signal_name(9) == "SIGKILL");
  CHECK(signal_name(15) == "SIGTERM");
  CHECK(signal_name(31) == "SIGSYS");
  CHECK(signal_name(34) == "SIG34");
  CHECK(signal_name(0) == "SIG0");
  CHECK(signal_name(-1) == "SIG-1");
}
