#include "protocol/status_body.hpp"

#include <catch2/catch.hpp>

#include "protocol/json.hpp"

using namespace outrigger;

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
  health_report report;
  report.version = "1.2.3";
  report.workspace = "local";
  report.uptime_ms = 12'345;
  report.terminals = 2;
  report.terminal_limit = 10;
  report.connections = 1;
  report.loop_lag_us = 77;
  report.holder = false;
  const auto body = parsed(health_to_json(report, 0));
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
  CHECK(body["limits"]["terminals"].GetInt() == 10);
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
