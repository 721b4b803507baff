#include "protocol/terminal_rest.hpp"

#include <catch2/catch.hpp>

#include "tests/protocol/prefixes.hpp"

using namespace outrigger;
using outrigger::test::for_each_prefix;

namespace {

constexpr auto full =
    R"({"cmd":["/bin/zsh","-l"],"cols":100,"rows":30,"scrollback_size":131072,)"
    R"("cwd":"/srv","env":{"A":"1","B":""},"login":true,"other":{}})";

std::string refusal(std::string_view text) {
  const auto body = parse_create_terminal(text);
  if (body)
    return "accepted";
  return body.error().code == errc::malformed ? body.error().detail
                                              : "another code";
}

terminal_summary summary() {
  terminal_summary out;
  out.id = 3;
  out.session = "s-9";
  out.command = {"/bin/bash"};
  out.cwd = "/srv";
  out.pid = 42;
  out.created_unix_ms = 1'709'210'096'789;
  out.scrollback_size = 65536;
  return out;
}

} // namespace

TEST_CASE("a create body carries everything a client may choose") {
  const auto body = parse_create_terminal(full);
  REQUIRE(body.has_value());
  CHECK(body->command == std::vector<std::string>{"/bin/zsh", "-l"});
  CHECK(body->size == terminal_size{100, 30});
  CHECK(body->scrollback_size == 131072);
  CHECK(body->cwd == "/srv");
  CHECK(body->env == std::vector<std::pair<std::string, std::string>>{
                         {"A", "1"}, {"B", ""}});
  CHECK(body->login == true);
}

TEST_CASE("everything in a create body has a default") {
  const auto* text = GENERATE("", "{}", R"({"cols":null,"cmd":null})");
  const auto body = parse_create_terminal(text);
  REQUIRE(body.has_value());
  CHECK(body->command.empty());
  CHECK(body->size == terminal_size{80, 24});
  CHECK(body->scrollback_size == limits::default_scrollback);
  CHECK(body->cwd.empty());
  CHECK(body->env.empty());
  CHECK_FALSE(body->login);
}

TEST_CASE("cmd and command are one field") {
  CHECK(parse_create_terminal(R"({"command":["sh"]})")->command ==
        std::vector<std::string>{"sh"});
  CHECK(
      parse_create_terminal(R"({"cmd":["sh"],"command":["sh"]})").has_value());
  CHECK_THAT(refusal(R"({"cmd":["sh"],"command":["zsh"]})"),
             Catch::Contains("cmd and command differ"));
}

TEST_CASE("the scrollback size is clamped to the limits") {
  const auto size_of = [](const std::string& number) {
    return parse_create_terminal(R"({"scrollback_size":)" + number + "}")
        ->scrollback_size;
  };
  CHECK(size_of("0") == limits::min_scrollback);
  CHECK(size_of("-5") == limits::min_scrollback);
  CHECK(size_of("2048") == 2048);
  CHECK(size_of("999999999999") == limits::max_scrollback);
  CHECK(size_of("18446744073709551615") == limits::max_scrollback);
}

TEST_CASE("an error in a create body names the field") {
  const auto [text, field] = GENERATE(table<std::string, std::string>({
      {R"({"cmd":"bash"})", "cmd must be an array of strings"},
      {R"({"cmd":[1]})", "cmd must be an array of strings"},
      {R"({"cmd":[]})", "cmd must name a program"},
      {R"({"command":[""]})", "command must name a program"},
      {R"({"cmd":["a\u0000b"]})", "cmd must not hold NUL"},
      {R"({"cols":"80"})", "cols must be an integer"},
      {R"({"cols":0})", "cols must be 1 to 2000"},
      {R"({"rows":1001})", "rows must be 1 to 1000"},
      {R"({"rows":1.5})", "rows must be an integer"},
      {R"({"scrollback_size":"1"})", "scrollback_size must be an integer"},
      {R"({"cwd":5})", "cwd must be a string"},
      {R"({"cwd":"a\u0000"})", "cwd must not hold NUL"},
      {R"({"env":[]})", "env must be an object of strings"},
      {R"({"env":{"A":1}})", "env must be an object of strings"},
      {R"({"env":{"":"1"}})", "env has a name"},
      {R"({"env":{"A=B":"1"}})", "env has a name"},
      {R"({"env":{"A":"\u0000"}})", "env has a name"},
      {R"({"login":"yes"})", "login must be true or false"},
      {"[]", "not a JSON object"},
      {"x", "not valid JSON"},
  }));
  CAPTURE(text);
  CHECK_THAT(refusal(text), Catch::Contains(field));
}

TEST_CASE("a create body cut anywhere is malformed, but for the empty one") {
  for_each_prefix(full, [](auto text) {
    CHECK((refusal(text) == "accepted") == text.empty());
  });
}

TEST_CASE("a body over the limit is too large") {
  const std::string text(limits::max_http_body + 1, ' ');
  CHECK(parse_create_terminal(text).error().code == errc::too_large);
  CHECK(parse_resize_body(text).error().code == errc::too_large);
}

TEST_CASE("a resize body needs both lengths") {
  CHECK(parse_resize_body(R"({"cols":120,"rows":50})").value() ==
        terminal_size{120, 50});
  for (const auto* text :
       {"", "{}", R"({"cols":1})", R"({"rows":1})", R"({"cols":1,"rows":0})",
        R"({"cols":"1","rows":1})", R"({"cols":1,"rows":99999})"}) {
    CAPTURE(text);
    const auto size = parse_resize_body(text);
    REQUIRE(size.has_error());
    CHECK(size.error().code == errc::malformed);
  }
  for_each_prefix(R"({"cols":120,"rows":50})", [](auto text) {
    CHECK(parse_resize_body(text).has_error());
  });
}

TEST_CASE("a byte count is decimal, and empty means all") {
  CHECK_FALSE(parse_byte_count("").value().has_value());
  CHECK(parse_byte_count("0").value() == 0u);
  CHECK(parse_byte_count("65536").value() == 65536u);
  for (const auto* text :
       {"-1", "+1", "1k", " 1", "1 ", "0x10", "1.5", "99999999999999999999999"})
    CHECK(parse_byte_count(text).has_error());
}

TEST_CASE("a created terminal is described as documented") {
  CHECK(created_to_json(summary()) ==
        R"({"success":true,"id":"3","cols":80,"rows":24,)"
        R"("command":["/bin/bash"],"session":"s-9","pid":42,"cwd":"/srv",)"
        R"("alive":true,"exit_code":null,)"
        R"("created_at":"2024-02-29T12:34:56.789Z","scrollback_size":65536})");
}

TEST_CASE("an ended terminal tells its exit code and signal") {
  auto ended = summary();
  ended.alive = false;
  ended.exit = terminal_exit{137, 9};
  CHECK_THAT(terminal_to_json(ended),
             Catch::StartsWith(R"({"success":true,"terminal":{"id":"3")") &&
                 Catch::Contains(
                     R"("alive":false,"exit_code":137,"signal":"SIGKILL")"));
}

TEST_CASE("the list of terminals has one object for each") {
  CHECK(terminals_to_json({}) == R"({"success":true,"terminals":[]})");
  const auto two = terminals_to_json({summary(), summary()});
  CHECK_THAT(two, Catch::StartsWith(R"({"success":true,"terminals":[{"id")"));
  CHECK_THAT(two, Catch::Contains(R"(},{"id":"3")"));
}

TEST_CASE("the short answers have their documented form") {
  CHECK(deleted_to_json(9) == R"({"success":true,"terminal_id":"9"})");
  CHECK(resized_to_json(9, {100, 50}) ==
        R"({"success":true,"id":"9","cols":100,"rows":50})");
}

TEST_CASE("scrollback is base64, and its exit code a number while alive") {
  scrollback content{"hi\x1b[m", 10, 15, "s-1", true, {}};
  CHECK(scrollback_to_json(content) ==
        R"({"success":true,"scrollback":"aGkbW20=","size":5,"alive":true,)"
        R"("exit_code":0,"offset":10,"head":15,"session":"s-1"})");
  content.alive = false;
  content.exit = terminal_exit{3, 0};
  CHECK_THAT(scrollback_to_json(content),
             Catch::Contains(R"("alive":false,"exit_code":3)"));
}
