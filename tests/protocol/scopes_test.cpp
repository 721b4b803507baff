#include "protocol/scopes.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

constexpr std::array<scope, 7> every_scope{
    scope::read,  scope::terminal, scope::files, scope::agent,
    scope::ports, scope::computer, scope::admin};

scope_set scopes(std::string_view text) {
  auto parsed = parse_scopes(text);
  REQUIRE(parsed);
  return *parsed;
}

std::string refusal(std::string_view text) {
  const auto parsed = parse_scopes(text);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == errc::malformed);
  return parsed.error().detail;
}

} // namespace

// -- grammar ------------------------------------------------------------------

TEST_CASE("every scope of the documentation is one") {
  const auto* text =
      GENERATE("all", "read", "terminal", "files", "agent", "ports", "computer",
               "admin", "terminal:1", "terminal:255", "terminal:3:view",
               "files:/docs", "files:/docs:read", "files:/", "files:/:read",
               "files:/a/b.c/d-e", "files:/\xE2\x82\xAC", "files:/...",
               "files:/.hidden", "port:1", "port:8080", "port:65535");
  CAPTURE(text);
  CHECK(scopes(text).to_text() == text);
}

TEST_CASE("anything else is none, whatever stands beside it") {
  const auto text = GENERATE(
      as<std::string>{}, "everything", "ALL", "All", "none", "any", "write",
      "all:", "all:1", "read:", "read:/docs", "terminal:", "terminal:0",
      "terminal:256", "terminal:03", "terminal:-1", "terminal:+1",
      "terminal:1:", "terminal:1:use", "terminal:1:view:", "terminal:1:read",
      "terminal::view", "terminal:view", "terminal:1x", "terminal:\xD9\xA1",
      "files:", "files:docs", "files:/docs/", "files://", "files://docs",
      "files:/a//b", "files:/.", "files:/..", "files:/a/../b", "files:/a/.",
      "files:/docs:view", "files:/docs:write", "files:/docs:read:read",
      "files::read", "files:/a\x01", "files:/a\x7f", "files:/\xff",
      "files:/\xC0\xAF", "port:", "port:0", "port:65536", "port:080", "port:-1",
      "port:80:read", "ports:80", "agent:1", "computer:0", "admin:x", ":", ":1",
      "terminal.1", "\"all\"", "all;read", "all\tread", "all\nread");
  CAPTURE(text);
  CHECK_FALSE(refusal(text).empty());
  CHECK_FALSE(refusal("all " + text).empty());
  CHECK_FALSE(refusal(text + ",all").empty());
}

TEST_CASE("a NUL byte is in no scope") {
  CHECK(parse_scopes(std::string_view("all\0", 4)).has_error());
  CHECK(parse_scopes(std::string_view("files:/a\0b", 10)).has_error());
}

TEST_CASE("a refusal names the scope that is none") {
  CHECK(refusal("read termnal") == "scope \"termnal\": unknown");
  CHECK_THAT(refusal("port:70000"),
             Catch::Contains("port:70000") && Catch::Contains("65535"));
  CHECK_THAT(refusal("files:docs"), Catch::Contains("absolute"));
}

TEST_CASE("a refusal quotes nothing that would harm a log") {
  CHECK(refusal("\x1b[2J") == "scope: unknown");
  CHECK(refusal(std::string(100, 'x')) == "scope: unknown");
}

TEST_CASE("there is at least one scope") {
  CHECK(refusal("") == "scopes: there is none");
  CHECK(refusal(" , ,") == "scopes: there is none");
}

TEST_CASE("blanks and commas separate, in any number") {
  CHECK(scopes("agent,files") == scopes(" files , agent "));
  CHECK(scopes("agent,files").to_text() == "agent files");
}

TEST_CASE("scopes are at most 64, of at most 1 KiB each") {
  std::string many;
  for (int i = 1; i <= 64; ++i)
    many += "terminal:" + std::to_string(i) + " ";
  CHECK(parse_scopes(many));
  CHECK(refusal(many + "read") == "scopes: more than 64");

  const auto longest = "files:/" + std::string(1024 - 7, 'a');
  CHECK(parse_scopes(longest));
  CHECK(refusal(longest + "a") == "scope: over 1 KiB");
}

TEST_CASE("scopes cut anywhere are parsed or malformed") {
  test::for_each_prefix("read,terminal:3:view files:/\xE2\x82\xAC:read port:80",
                        [](auto text) {
                          const auto parsed = parse_scopes(text);
                          if (!parsed)
                            CHECK(parsed.error().code == errc::malformed);
                        });
}

TEST_CASE("the canonical text is sorted, without what is included") {
  CHECK(scopes("terminal terminal:3 agent terminal").to_text() ==
        "agent terminal");
  CHECK(scopes("read all files:/docs").to_text() == "all");
  CHECK(scopes("terminal:3:view terminal:3").to_text() == "terminal:3");
  CHECK(scopes("read terminal:3:view terminal:4").to_text() ==
        "read terminal:4");
  CHECK(scopes("files:/docs/a files:/docs:read files:/docs").to_text() ==
        "files:/docs");
  CHECK(scopes("files:/docs/a files:/docs:read").to_text() ==
        "files:/docs:read files:/docs/a");
  CHECK(scopes("port:80 ports port:81").to_text() == "ports");
}

TEST_CASE("the canonical text reads as the same scopes") {
  const auto* text = GENERATE("all", "read terminal:3:view agent",
                              "files:/a:read files:/a/b port:80 admin");
  CHECK(scopes(scopes(text).to_text()) == scopes(text));
}

// -- what they allow ----------------------------------------------------------

TEST_CASE("nothing allows nothing but what needs nothing") {
  const scope_set none;
  CHECK(none.empty());
  CHECK(none.allows(scope::none));
  CHECK(none.allows_some(scope::none));
  CHECK_FALSE(none.allows(scope::any));
  for (const auto need : every_scope) {
    CHECK_FALSE(none.allows(need));
    CHECK_FALSE(none.allows_some(need));
  }
  CHECK(none.on_terminal(1) == right::none);
  CHECK(none.on_file("/a") == right::none);
  CHECK_FALSE(none.on_port(80));
}

TEST_CASE("all allows everything") {
  const auto all = scopes("all");
  CHECK(all == scope_set::everything());
  for (const auto need : every_scope) {
    CHECK(all.allows(need));
    CHECK(all.allows_some(need));
  }
  CHECK(all.on_terminal(255) == right::use);
  CHECK(all.on_file("/a") == right::use);
  CHECK(all.on_port(1));
}

TEST_CASE("each scope allows itself and no other") {
  for (const auto own : every_scope) {
    const auto set = scopes(scope_name(own));
    CAPTURE(scope_name(own));
    CHECK(set.allows(scope::any));
    for (const auto need : every_scope)
      CHECK(set.allows(need) == (need == own));
  }
}

TEST_CASE("read looks at everything and changes nothing") {
  const auto read = scopes("read");
  CHECK(read.on_terminal(7) == right::view);
  CHECK(read.on_file("/a/b") == right::view);
  CHECK_FALSE(read.on_port(80));
}

TEST_CASE("a narrowed scope is some of its kind, not the whole") {
  const auto* text = GENERATE("terminal:3", "terminal:3:view");
  const auto narrowed = scopes(text);
  CHECK_FALSE(narrowed.allows(scope::terminal));
  CHECK_FALSE(narrowed.allows(scope::read));
  CHECK(narrowed.allows_some(scope::terminal));
  CHECK(narrowed.allows_some(scope::read));
  CHECK_FALSE(narrowed.allows_some(scope::files));
  CHECK(scopes("port:80").allows_some(scope::ports));
  CHECK(scopes("files:/a").allows_some(scope::files));
}

TEST_CASE("a narrowed terminal is that one") {
  CHECK(scopes("terminal:3").on_terminal(3) == right::use);
  CHECK(scopes("terminal:3:view").on_terminal(3) == right::view);
  for (const int other : {0, 1, 2, 4, 30, 33, 255})
    CHECK(scopes("terminal:3").on_terminal(static_cast<std::uint8_t>(other)) ==
          right::none);
  CHECK(scopes("terminal:3:view terminal:4").on_terminal(4) == right::use);
}

TEST_CASE("a narrowed folder is itself and all below, by whole segments") {
  const auto docs = scopes("files:/docs");
  CHECK(docs.on_file("/docs") == right::use);
  CHECK(docs.on_file("/docs/a/b:c d.md") == right::use);
  for (const auto* other :
       {"/docs-secret", "/docs.md", "/doc", "/", "/a/docs", "/Docs"})
    CHECK(docs.on_file(other) == right::none);
  CHECK(scopes("files:/docs:read").on_file("/docs/a") == right::view);
  CHECK(scopes("files:/").on_file("/a") == right::use);
}

TEST_CASE("a path that is not normalised is in no narrowed folder") {
  const auto* path = GENERATE("", "docs/a", "/docs/../etc", "/docs/./a",
                              "/docs//a", "/docs/", "/docs/..", "//docs/a");
  CAPTURE(path);
  CHECK(scopes("files:/docs").on_file(path) == right::none);
  CHECK(scopes("files:/").on_file(path) == right::none);
}

TEST_CASE("a narrowed port is that one") {
  CHECK(scopes("port:8080").on_port(8080));
  CHECK_FALSE(scopes("port:8080").on_port(808));
  CHECK(scopes("ports").on_port(1));
}

// -- covering -----------------------------------------------------------------

TEST_CASE("wider scopes cover narrower ones, never the other way") {
  const auto [wide, narrow] = GENERATE(table<std::string, std::string>({
      {"all", "admin"},
      {"all", "read terminal files:/a"},
      {"read", "terminal:3:view"},
      {"read", "files:/a:read"},
      {"terminal", "terminal:3"},
      {"terminal:3", "terminal:3:view"},
      {"files", "files:/a"},
      {"files", "files:/"},
      {"files:/", "files:/a:read"},
      {"files:/docs", "files:/docs/a"},
      {"files:/docs:read", "files:/docs/a:read"},
      {"ports", "port:80 port:81"},
      {"agent terminal files", "files:/a terminal:9"},
  }));
  CAPTURE(wide, narrow);
  CHECK(scopes(wide).covers(scopes(narrow)));
  CHECK_FALSE(scopes(narrow).covers(scopes(wide)));
}

TEST_CASE("scopes beside each other do not cover each other") {
  const auto [one, other] = GENERATE(table<std::string, std::string>({
      {"read", "terminal"},
      {"read", "agent"},
      {"read", "terminal:3"},
      {"files:/a", "files:/ab"},
      {"files:/docs:read", "files:/docs/a"},
      {"terminal:3:view", "terminal:4:view"},
      {"port:80", "port:8080"},
      {"terminal:3:view", "files:/a:read"},
  }));
  CAPTURE(one, other);
  CHECK_FALSE(scopes(one).covers(scopes(other)));
  CHECK_FALSE(scopes(other).covers(scopes(one)));
}

TEST_CASE("everything covers itself and nothing") {
  const auto* text = GENERATE("all", "read", "terminal:3:view files:/a port:1");
  CHECK(scopes(text).covers(scopes(text)));
  CHECK(scopes(text).covers({}));
  CHECK_FALSE(scope_set{}.covers(scopes(text)));
}
