#include "protocol/routes.hpp"

#include <fstream>
#include <set>

#include <catch2/catch.hpp>

#include "protocol/ascii.hpp"

using namespace outrigger;

namespace {

bool is_asset(std::string_view path) {
  return path == "/app.js" || path == "/assets/x.css";
}

result<route_match> match(std::string_view method, std::string_view path) {
  return match_route(method, path, is_asset);
}

route_id found(std::string_view method, std::string_view path) {
  const auto out = match(method, path);
  REQUIRE(out.has_value());
  REQUIRE(out->matched);
  return out->matched->id;
}

errc failure(std::string_view method, std::string_view path) {
  const auto out = match(method, path);
  return out ? errc{} : out.error().code;
}

/// The rows "method path scope" of the table below "## Routes".
std::set<std::string> documented_routes() {
  std::ifstream page{OUTRIGGER_WIRE_PAGE};
  REQUIRE(page.is_open());
  std::set<std::string> out;
  bool in_section = false;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("## ", 0) == 0)
      in_section = line == "## Routes";
    const auto cells = ascii::split(line, '|');
    if (!in_section || cells.size() < 5)
      continue;
    std::string row;
    for (std::size_t i = 1; i <= 3; ++i) {
      std::string cell{ascii::trim(cells[i])};
      std::erase(cell, '`');
      row += (i > 1 ? " " : "") + cell;
    }
    const bool heading = row.rfind("Method", 0) == 0 || row[0] == '-';
    if (!heading)
      CHECK(out.insert(row).second);
  }
  return out;
}

} // namespace

TEST_CASE("the documented routes are the routes there are") {
  std::set<std::string> served;
  for (const auto& row : routes())
    CHECK(served
              .insert(std::string{row.method} + " " + std::string{row.pattern} +
                      " " + std::string{scope_name(row.needs)})
              .second);
  CHECK(documented_routes() == served);
}

TEST_CASE("only the sockets are upgrades, and everything is explained") {
  for (const auto& row : routes()) {
    CHECK(row.upgrade == (row.id == route_id::websocket ||
                          row.id == route_id::runtime_websocket));
    CHECK_FALSE(row.summary.empty());
  }
}

TEST_CASE("only harmless routes need nothing") {
  for (const auto& row : routes())
    if (row.needs == scope::none) {
      CHECK(row.method == "GET");
      CHECK((row.id == route_id::console || row.id == route_id::health ||
             row.id == route_id::websocket));
    }
}

TEST_CASE("each path leads to its route") {
  CHECK(found("GET", "/") == route_id::console);
  CHECK(found("GET", "/health") == route_id::health);
  CHECK(found("GET", "/runtime") == route_id::runtime);
  CHECK(found("GET", "/runtimes") == route_id::runtimes);
  CHECK(found("GET", "/terminals") == route_id::terminals_list);
  CHECK(found("POST", "/terminals") == route_id::terminals_create);
  CHECK(found("GET", "/terminals/1") == route_id::terminal_show);
  CHECK(found("DELETE", "/terminals/1") == route_id::terminal_delete);
  CHECK(found("GET", "/terminals/1/scrollback") ==
        route_id::terminal_scrollback);
  CHECK(found("POST", "/terminals/1/resize") == route_id::terminal_resize);
  CHECK(found("PUT", "/terminals/1/resize") == route_id::terminal_resize);
  CHECK(found("POST", "/ticket") == route_id::ticket);
  CHECK(found("GET", "/metrics") == route_id::metrics);
  CHECK(found("GET", "/ws") == route_id::websocket);
  CHECK(found("GET", "/api/v1/ws") == route_id::runtime_websocket);
  CHECK(found("POST", "/watchers") == route_id::watchers_create);
  CHECK(found("GET", "/watchers") == route_id::watchers_list);
  CHECK(found("GET", "/watchers/1") == route_id::watcher_show);
  CHECK(found("DELETE", "/watchers/1") == route_id::watcher_delete);
}

TEST_CASE("a route is about one terminal when it names one") {
  for (const auto& row : routes()) {
    CAPTURE(row.method, row.pattern);
    const bool names_one = row.pattern.starts_with("/terminals/{id}");
    CHECK((row.about == subject::terminal) == names_one);
    CHECK((row.about == subject::terminals) ==
          (row.id == route_id::terminals_list));
    if (names_one) // the two rights there are
      CHECK((row.needs == scope::read || row.needs == scope::terminal));
  }
}

TEST_CASE("an id is one decoded segment") {
  CHECK(match("GET", "/terminals/12")->id == "12");
  CHECK(match("GET", "/terminals/a%20b")->id == "a b");
  CHECK(match("GET", "/%74erminals/%31")->id == "1");
  CHECK(failure("GET", "/terminals/1/2") == errc::not_found);
}

TEST_CASE("HEAD is answered where GET is") {
  CHECK(found("HEAD", "/health") == route_id::health);
  CHECK(found("HEAD", "/app.js") == route_id::console);
}

TEST_CASE("the prefixes of the dialect are taken off once each") {
  const auto* prefix =
      GENERATE("/oblien", "/runtimes/default", "/runtimes/local",
               "/oblien/runtimes/local", "/runtimes/default/oblien");
  const auto path = std::string{prefix} + "/terminals/7";
  CAPTURE(path);
  const auto out = match("GET", path);
  REQUIRE(out.has_value());
  CHECK(out->matched->id == route_id::terminal_show);
  CHECK(out->id == "7");
  CHECK(out->oblien);
  CHECK(out->canonical == "/terminals/7");
}

TEST_CASE("a bare prefix is the console") {
  CHECK(match("GET", "/oblien")->canonical == "/");
  CHECK(found("GET", "/oblien/") == route_id::console);
}

TEST_CASE("a doubled prefix or another target is not found") {
  for (const auto* path :
       {"/oblien/oblien/terminals", "/runtimes/other/terminals",
        "/runtimes/other", "/runtimes//terminals", "/runtimes/",
        "/runtimes/local/runtimes/local/terminals"}) {
    CAPTURE(path);
    CHECK(failure("GET", path) == errc::not_found);
  }
  CHECK(found("GET", "/oblien/runtimes") == route_id::runtimes);
}

TEST_CASE("without a prefix the path stays as it came") {
  const auto out = match("GET", "/terminals/%31");
  REQUIRE(out.has_value());
  CHECK_FALSE(out->oblien);
  CHECK(out->canonical == "/terminals/%31");
}

TEST_CASE("a wrong method lists the right ones") {
  const auto [method, path, allowed] =
      GENERATE(table<std::string, std::string, std::string>({
          {"POST", "/health", "GET"},
          {"PATCH", "/terminals", "GET, POST"},
          {"OPTIONS", "/terminals/1", "GET, DELETE"},
          {"GET", "/terminals/1/resize", "POST, PUT"},
          {"POST", "/", "GET"},
          {"get", "/health", "GET"},
          {"", "/health", "GET"},
      }));
  const auto out = match(method, path);
  REQUIRE(out.has_error());
  CHECK(out.error().code == errc::method);
  CHECK(out.error().detail == allowed);
}

TEST_CASE("a call about no terminal in particular is malformed") {
  const auto [method, path] = GENERATE(table<std::string, std::string>({
      {"GET", "/terminals/"},
      {"DELETE", "/terminals/"},
      {"DELETE", "/terminals"},
      {"PUT", "/terminals"},
      {"GET", "/terminals//scrollback"},
      {"POST", "/oblien/terminals//resize"},
  }));
  CAPTURE(method, path);
  const auto out = match(method, path);
  REQUIRE(out.has_error());
  CHECK(out.error().code == errc::malformed);
  CHECK(out.error().detail == "terminal id is missing");
}

TEST_CASE("assets are the console's, everything else is not found") {
  CHECK(found("GET", "/app.js") == route_id::console);
  CHECK(match("GET", "/assets/x.css")->canonical == "/assets/x.css");
  CHECK(failure("POST", "/app.js") == errc::not_found);
  for (const auto* path : {"/nothing", "/Health", "/health/", "/terminal", "//",
                           "/terminals/1/", "/ws/x"})
    CHECK(failure("GET", path) == errc::not_found);
  CHECK(match_route("GET", "/app.js", nullptr).has_error());
}

TEST_CASE("a path that is none is malformed") {
  for (const auto* path : {"", "x", "*", "/%", "/terminals/%zz"})
    CHECK(failure("GET", path) == errc::malformed);
}
