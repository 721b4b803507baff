#include "protocol/status_body.hpp"

#include <catch2/catch.hpp>

#include "protocol/json.hpp"

using namespace outrigger;
using namespace std::chrono_literals;

namespace {

// RapidJSON's own == must not be used: its mirror image, which C++20 prefers,
// calls itself for ever.

runtime_report machine() {
  return {"linux", "x86_64", 4, "/home/u", "/bin/bash", "1.2.3", "local"};
}

json::document parsed(const std::string& text) {
  auto out = json::parse_object(text, "body", 65536);
  REQUIRE(out.has_value());
  return std::move(*out);
}

} // namespace

TEST_CASE("a health body says exactly ok, and who it is") {
  health_board board;
  board.version = "1.2.3";
  board.workspace = "local";
  board.started = std::chrono::steady_clock::time_point{5s};
  board.terminals = 2;
  board.terminal_limit = 10;
  board.connections = 1;
  board.loop_lag = 77us;
  board.holder = false;
  const auto body = parsed(health_to_json(
      board, std::chrono::steady_clock::time_point{17'345ms}, 0));
  CHECK(body["status"].GetString() == std::string{"ok"});
  CHECK(body["service"].GetString() == std::string{"outrigger"});
  CHECK(body["version"].GetString() == std::string{"1.2.3"});
  CHECK(body["workspace"].GetString() == std::string{"local"});
  CHECK(body["workspace_id"].GetString() == std::string{"local"});
  CHECK(body["uptime_seconds"].GetInt() == 12);
  CHECK(body["timestamp"].GetString() ==
        std::string{"1970-01-01T00:00:00.000Z"});
  CHECK(body["terminals"].GetInt() == 2);
  CHECK(body["connections"].GetInt() == 1);
  CHECK(body["loop_lag_us"].GetInt() == 77);
  CHECK(body["holder"].GetBool() == false);
  CHECK(body["overload"].GetString() == std::string{"ok"});
  CHECK(body["limits"]["terminals"].GetInt() == 10);
}

TEST_CASE("a health body is still ok under overload, and names the level") {
  const auto [level, name] = GENERATE(table<overload_level, std::string>(
      {{overload_level::ok, "ok"},
       {overload_level::elevated, "elevated"},
       {overload_level::high, "high"},
       {overload_level::critical, "critical"}}));
  health_board board;
  board.overload = level;
  const auto body = parsed(health_to_json(board, {}, 0));
  CHECK(body["status"].GetString() == std::string{"ok"});
  CHECK(body["overload"].GetString() == name);
}

TEST_CASE("a health page is written anew when the board or the time changes") {
  health_board board;
  health_page page;
  const std::chrono::steady_clock::time_point start{1h};
  const auto first = page.text(board, start, 0);
  CHECK(parsed(first)["terminals"].GetInt() == 0);
  CHECK(page.text(board, start + 99ms, 99) == first);
  board.terminals = 1;
  const auto second = page.text(board, start + 99ms, 99);
  CHECK(parsed(second)["terminals"].GetInt() == 1);
  CHECK(parsed(second)["timestamp"].GetString() ==
        std::string{"1970-01-01T00:00:00.099Z"});
  CHECK(parsed(page.text(board, start + 199ms, 199))["timestamp"].GetString() ==
        std::string{"1970-01-01T00:00:00.199Z"});
}

TEST_CASE("a runtime body describes the machine") {
  const auto body = parsed(runtime_to_json(machine()));
  CHECK(body["os"].GetString() == std::string{"linux"});
  CHECK(body["arch"].GetString() == std::string{"x86_64"});
  CHECK(body["cpus"].GetInt() == 4);
  CHECK(body["home"].GetString() == std::string{"/home/u"});
  CHECK(body["shell"].GetString() == std::string{"/bin/bash"});
  CHECK(body["version"].GetString() == std::string{"1.2.3"});
  CHECK(body["protocol_version"].IsInt());
  CHECK(body["capabilities"].IsArray());
}

TEST_CASE("the runtimes are this one") {
  const auto body = parsed(runtimes_to_json(machine()));
  CHECK(body["default_target"].GetString() == std::string{"default"});
  REQUIRE(body["targets"].Size() == 1);
  CHECK(body["targets"][0]["id"].GetString() == std::string{"default"});
  CHECK(body["targets"][0]["local"].GetBool() == true);
  CHECK(body["targets"][0]["available"].GetBool() == true);
}

TEST_CASE("a home directory that is not UTF-8 still gives JSON") {
  auto odd = machine();
  odd.home = "/home/\xff";
  CHECK(parsed(runtime_to_json(odd))["home"].GetString() ==
        std::string{"/home/\xef\xbf\xbd"});
}
