#include "protocol/ticket_book.hpp"

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"
#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;
using namespace std::chrono_literals;

namespace {

const ticket_book::clock::time_point begin{};

principal somebody(std::string name = "token 0123abcd") {
  principal out;
  out.authenticated = true;
  out.name = std::move(name);
  out.scopes = *parse_scopes("read");
  out.credential = "token:0123abcd:0000";
  return out;
}

std::string refusal(const std::string& body) {
  const auto parsed = parse_ticket_request(body);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == errc::malformed);
  return parsed.error().detail;
}

} // namespace

// -- the book -----------------------------------------------------------------

TEST_CASE("a ticket is its maker, once") {
  ticket_book book;
  book.issue("tkt_a", "/ws", somebody(), begin + 30s);
  const auto who = book.redeem("tkt_a", "/ws", begin + 29s);
  REQUIRE(who);
  CHECK(who->authenticated);
  CHECK(who->name == "token 0123abcd");
  CHECK(who->scopes == somebody().scopes);
  CHECK(who->credential == somebody().credential);
  CHECK(who->by_ticket);
  CHECK_FALSE(book.redeem("tkt_a", "/ws", begin + 29s));
  CHECK(book.size() == 0);
}

TEST_CASE("a ticket is good for its path only, and used up by trying") {
  const auto* path = GENERATE("/terminals", "/", "", "/ws/", "/WS", "/w");
  ticket_book book;
  book.issue("tkt_a", "/ws", somebody(), begin + 30s);
  CHECK_FALSE(book.redeem("tkt_a", path, begin));
  CHECK_FALSE(book.redeem("tkt_a", "/ws", begin));
}

TEST_CASE("a ticket is void when its time is over") {
  ticket_book book;
  book.issue("tkt_a", "/ws", somebody(), begin + 30s);
  CHECK_FALSE(book.redeem("tkt_a", "/ws", begin + 30s));
  CHECK(book.size() == 0);
}

TEST_CASE("an unknown ticket is nobody and harms no other") {
  ticket_book book;
  book.issue("tkt_a", "/ws", somebody(), begin + 30s);
  CHECK_FALSE(book.redeem("tkt_b", "/ws", begin));
  CHECK_FALSE(book.redeem("", "/ws", begin));
  CHECK(book.redeem("tkt_a", "/ws", begin));
}

TEST_CASE("when the book is full the oldest ticket is void") {
  ticket_book book;
  const auto name = [](std::size_t i) { return "tkt_" + std::to_string(i); };
  for (std::size_t i = 0; i < ticket_book::capacity + 2; ++i) {
    book.issue(name(i), "/ws", somebody(), begin + 30s);
    CHECK(book.size() <= ticket_book::capacity);
  }
  CHECK(book.size() == ticket_book::capacity);
  CHECK_FALSE(book.redeem(name(0), "/ws", begin));
  CHECK_FALSE(book.redeem(name(1), "/ws", begin));
  CHECK(book.redeem(name(2), "/ws", begin));
  CHECK(book.redeem(name(ticket_book::capacity + 1), "/ws", begin));
}

TEST_CASE("a ticket's text has its prefix and needs no escapes") {
  CHECK(ticket_text("") == "tkt_");
  CHECK(ticket_text(std::string(3, '\xff')) == "tkt_____");
  CHECK(ticket_text("\xfb\xef\xbe") == "tkt_----");
  CHECK(ticket_text(std::string(32, '\0')) == "tkt_" + std::string(43, 'A'));
}

// -- requests -----------------------------------------------------------------

TEST_CASE("a ticket is asked for by path, and by scope to narrow it") {
  const auto plain = parse_ticket_request(R"({"path":"/ws"})");
  REQUIRE(plain);
  CHECK(plain->path == "/ws");
  CHECK_FALSE(plain->scopes);

  const auto narrowed = parse_ticket_request(
      R"({"path":"/terminals/3","scope":"terminal:3:view","more":1})");
  REQUIRE(narrowed);
  REQUIRE(narrowed->scopes);
  CHECK(narrowed->scopes->to_text() == "terminal:3:view");
}

TEST_CASE("a ticket request without a proper path is malformed") {
  const auto body =
      GENERATE(as<std::string>{}, R"({})", R"({"path":null})", R"({"path":7})",
               R"({"path":""})", R"({"path":"ws"})", R"({"path":"/ws?ext=1"})",
               R"({"path":"/ws?"})", R"({"path":"/a/../ws"})",
               R"({"path":"/%2e%2e/ws"})", R"({"path":"/a b"})",
               R"({"path":"http://host/ws"})", R"({"path":"/ws#a"})",
               R"({"path":"/\u0000"})");
  CAPTURE(body);
  CHECK_THAT(refusal(body), Catch::Contains("path"));
}

TEST_CASE("a ticket request with a wrong scope is malformed") {
  CHECK_THAT(refusal(R"({"path":"/ws","scope":"rule"})"),
             Catch::Contains("rule"));
  CHECK_THAT(refusal(R"({"path":"/ws","scope":""})"), Catch::Contains("scope"));
  CHECK_THAT(refusal(R"({"path":"/ws","scope":["read"]})"),
             Catch::Contains("scope"));
}

TEST_CASE("a ticket request is JSON, whole and not too large") {
  for (const auto* body : {"", "[]", "{", "path=/ws"})
    CHECK_FALSE(refusal(body).empty());
  test::for_each_prefix(R"({"path":"/ws","scope":"read"})", [](auto body) {
    CHECK(parse_ticket_request(body).has_error());
  });
  const auto large =
      parse_ticket_request(std::string(limits::max_http_body + 1, ' '));
  REQUIRE(large.has_error());
  CHECK(large.error().code == errc::too_large);
}

TEST_CASE("the answer to a ticket request says how long it is good") {
  CHECK(ticket_to_json("tkt_x", "/ws") ==
        R"({"success":true,"ticket":"tkt_x","path":"/ws","expires_in":30})");
}
