// What each row of the route table asks of whoever comes in.

#include "tests/protocol/access_fixture.hpp"

using namespace outrigger;
using namespace outrigger::test;

namespace {

principal holder_of(std::string_view scopes) {
  principal out;
  out.authenticated = true;
  out.scopes = *parse_scopes(scopes);
  return out;
}

route_match to_row(const route& row, std::string id = "3") {
  route_match out;
  out.matched = &row;
  if (row.pattern.find('{') != std::string_view::npos)
    out.id = std::move(id);
  return out;
}

route_match to(std::string_view method, std::string_view path) {
  auto found = match_route(method, path, nullptr);
  REQUIRE(found);
  return *found;
}

errc refusal(const principal& who, const route_match& where) {
  const auto done = authorize(who, where);
  return done ? errc{} : done.error().code;
}

bool may(std::string_view scopes, std::string_view method,
         std::string_view path) {
  const auto code = refusal(holder_of(scopes), to(method, path));
  CHECK((code == errc{} || code == errc::forbidden));
  return code == errc{};
}

} // namespace

TEST_CASE("the anonymous may use the rows that need nothing, no other") {
  for (const auto& row : routes()) {
    CAPTURE(row.method, row.pattern);
    CHECK(refusal({}, to_row(row)) ==
          (row.needs == scope::none ? errc{} : errc::unauthorized));
  }
}

TEST_CASE("all may use every row") {
  for (const auto& row : routes()) {
    CHECK(refusal(holder_of("all"), to_row(row)) == errc{});
    CHECK(refusal(holder_of("all"), to_row(row, "999")) == errc{});
  }
}

TEST_CASE("read may look at every row and changes nothing by any") {
  for (const auto& row : routes()) {
    CAPTURE(row.method, row.pattern);
    const bool looks = row.method == "GET" || row.id == route_id::ticket ||
                       row.id == route_id::files_download;
    CHECK(refusal(holder_of("read"), to_row(row)) ==
          (looks ? errc{} : errc::forbidden));
  }
}

TEST_CASE("terminal may do everything with terminals") {
  CHECK(may("terminal", "GET", "/terminals"));
  CHECK(may("terminal", "POST", "/terminals"));
  CHECK(may("terminal", "GET", "/terminals/7"));
  CHECK(may("terminal", "GET", "/terminals/7/scrollback"));
  CHECK(may("terminal", "DELETE", "/terminals/7"));
  CHECK(may("terminal", "PUT", "/terminals/7/resize"));
  CHECK_FALSE(may("terminal", "GET", "/metrics"));
  CHECK_FALSE(may("terminal", "GET", "/runtime"));
}

TEST_CASE("a narrowed terminal may be used, no other, none made") {
  CHECK(may("terminal:3", "GET", "/terminals"));
  CHECK(may("terminal:3", "GET", "/terminals/3"));
  CHECK(may("terminal:3", "GET", "/terminals/3/scrollback"));
  CHECK(may("terminal:3", "DELETE", "/terminals/3"));
  CHECK(may("terminal:3", "POST", "/terminals/3/resize"));
  CHECK_FALSE(may("terminal:3", "POST", "/terminals"));
  for (const auto* other : {"4", "33", "03", "x", "256", "0"}) {
    CAPTURE(other);
    const auto path = "/terminals/" + std::string{other};
    CHECK_FALSE(may("terminal:3", "GET", path));
    CHECK_FALSE(may("terminal:3", "GET", path + "/scrollback"));
    CHECK_FALSE(may("terminal:3", "DELETE", path));
    CHECK_FALSE(may("terminal:3", "PUT", path + "/resize"));
  }
}

TEST_CASE("a viewed terminal may be looked at, nothing else") {
  CHECK(may("terminal:3:view", "GET", "/terminals"));
  CHECK(may("terminal:3:view", "GET", "/terminals/3"));
  CHECK(may("terminal:3:view", "GET", "/terminals/3/scrollback"));
  CHECK_FALSE(may("terminal:3:view", "DELETE", "/terminals/3"));
  CHECK_FALSE(may("terminal:3:view", "POST", "/terminals/3/resize"));
  CHECK_FALSE(may("terminal:3:view", "GET", "/terminals/4"));
}

TEST_CASE("scopes of other things open no terminal") {
  const auto* scopes =
      GENERATE("files", "agent", "ports", "computer", "admin", "port:80",
               "files:/:read", "files agent ports computer admin");
  CAPTURE(scopes);
  CHECK_FALSE(may(scopes, "GET", "/terminals"));
  CHECK_FALSE(may(scopes, "GET", "/terminals/3"));
  CHECK_FALSE(may(scopes, "GET", "/terminals/x"));
  CHECK_FALSE(may(scopes, "POST", "/terminals"));
  CHECK_FALSE(may(scopes, "DELETE", "/terminals/3"));
  CHECK_FALSE(may(scopes, "GET", "/metrics"));
  CHECK(may(scopes, "POST", "/ticket"));
}

TEST_CASE("a principal without any scope may use the public rows only") {
  principal nobody;
  nobody.authenticated = true;
  for (const auto& row : routes())
    CHECK(refusal(nobody, to_row(row)) ==
          (row.needs == scope::none ? errc{} : errc::forbidden));
}

TEST_CASE("whole scopes are not asked which terminals there are") {
  CHECK(may("read", "GET", "/terminals/x"));
  CHECK(may("terminal", "DELETE", "/terminals/x"));
  CHECK_FALSE(may("read", "DELETE", "/terminals/x"));
}

TEST_CASE("a refusal names the scope") {
  const auto why = [](std::string_view scopes, std::string_view method,
                      std::string_view path) {
    return authorize(holder_of(scopes), to(method, path)).error().detail;
  };
  CHECK(why("files", "GET", "/runtime") ==
        "the credential lacks the scope read");
  CHECK(why("read", "POST", "/terminals") ==
        "the credential lacks the scope terminal");
  CHECK(why("files", "GET", "/terminals/3") ==
        "the credential lacks the scope terminal:3:view");
  CHECK(why("read", "DELETE", "/terminals/3") ==
        "the credential lacks the scope terminal:3");
  CHECK(why("terminal:3", "GET", "/terminals/x") ==
        "the credential lacks the scope read");
}
