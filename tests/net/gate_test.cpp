// Who gets past the gate, and in which order it asks.

#include "net/gate.hpp"

#include "tests/net/gate_fixture.hpp"

namespace outrigger {
namespace {

using namespace test;

result<admission> admit(const http_header& header,
                        const peer& from = loopback(),
                        const access_policy& policy = two_tokens()) {
  return edge{policy}.admit(header, from);
}

errc refusal(const http_header& header) {
  const auto answer = admit(header);
  REQUIRE(answer.has_error());
  return answer.error().code;
}

} // namespace

TEST_CASE("a public route needs no credential") {
  const auto target = GENERATE("/health", "/", "/index.html");
  const auto in = admit(get(target));
  REQUIRE(in);
  CHECK_FALSE(in->who.authenticated);
}

TEST_CASE("a route of the table needs one") {
  CHECK(refusal(get("/terminals")) == errc::unauthorized);
  CHECK(refusal(request(http::verb::post, "/terminals")) == errc::unauthorized);
  CHECK(refusal(get("/runtime")) == errc::unauthorized);
}

TEST_CASE("the token lets in") {
  const auto in = admit(with_bearer(get("/terminals/3?x=1"), "secret"));
  REQUIRE(in);
  CHECK(in->who.authenticated);
  CHECK(in->where.matched->id == route_id::terminal_show);
  CHECK(in->where.id == "3");
  CHECK(in->target.find("x") != nullptr);
}

TEST_CASE("a wrong token does not") {
  CHECK(refusal(with_bearer(get("/terminals"), "wrong")) == errc::unauthorized);
}

TEST_CASE("the token of the query lets in and goes no further") {
  const auto in = admit(get("/terminals?token=secret"));
  REQUIRE(in);
  CHECK(in->target.find("token") == nullptr);
}

TEST_CASE("the token of a subprotocol lets in") {
  auto header = get("/terminals");
  header.set(http::field::sec_websocket_protocol, "Bearer, secret");
  CHECK(admit(header));
}

TEST_CASE("the headers and queries of the other dialects let in") {
  for (const auto* name : {"X-API-Key", "x-api-key", "X-Internal-Token"}) {
    auto header = get("/terminals");
    header.set(name, "secret");
    CHECK(admit(header));
    header.set(name, "wrong");
    CHECK(refusal(header) == errc::unauthorized);
  }
  for (const auto* name : {"api_key", "internal_token", "ticket"}) {
    const auto in = admit(get("/terminals?" + std::string{name} + "=secret"));
    REQUIRE(in);
    CHECK(in->target.query.empty());
  }
}

TEST_CASE("a ticket lets in once, on its path, prefixed or not") {
  const auto path = GENERATE("/ws", "/oblien/ws", "/runtimes/local/ws");
  edge daemon;
  auto& tickets = daemon.context.tickets;
  const auto maker = daemon.admit(with_bearer(get("/ws"), "viewer"))->who;
  const auto later = moment::now().steady + std::chrono::hours{1};
  const auto header = get(std::string{path} + "?ticket=tkt_1");
  tickets.issue("tkt_1", "/ws", maker, later);
  const auto in = daemon.admit(header);
  REQUIRE(in);
  CHECK(in->who.by_ticket);
  CHECK(daemon.refusal(header) == errc::unauthorized);

  tickets.issue("tkt_1", "/ws", maker, later);
  CHECK(daemon.refusal(get("/terminals?ticket=tkt_1")) == errc::unauthorized);
}

TEST_CASE("a narrowed token gets no further than its scopes") {
  CHECK(admit(with_bearer(get("/terminals/3"), "viewer")));
  CHECK(refusal(with_bearer(get("/terminals/4"), "viewer")) == errc::forbidden);
  CHECK(refusal(with_bearer(request(http::verb::delete_, "/terminals/3"),
                            "viewer")) == errc::forbidden);
  CHECK(refusal(with_bearer(get("/runtime"), "viewer")) == errc::forbidden);
}

TEST_CASE("two tokens that differ are malformed") {
  CHECK(refusal(with_bearer(get("/terminals?token=other"), "secret")) ==
        errc::malformed);
}

TEST_CASE("two that differ are malformed where none is needed too") {
  CHECK(refusal(with_bearer(get("/?token=other"), "secret")) ==
        errc::malformed);
  CHECK(refusal(with_bearer(get("/health?token=other"), "secret")) ==
        errc::malformed);
  CHECK(admit(with_bearer(get("/health?token=secret"), "secret")));
  CHECK(admit(with_bearer(get("/health?token=wrong"), "wrong")));
}

TEST_CASE("a stranger is not told which routes exist") {
  CHECK(refusal(get("/no-such-route")) == errc::unauthorized);
  CHECK(refusal(request(http::verb::delete_, "/runtime")) ==
        errc::unauthorized);
  CHECK(refusal(get("/runtimes/elsewhere/terminals")) == errc::unauthorized);
}

TEST_CASE("one with the token is told") {
  CHECK(refusal(with_bearer(get("/no-such-route"), "secret")) ==
        errc::not_found);
  const auto wrong =
      admit(with_bearer(request(http::verb::delete_, "/runtime"), "secret"));
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().code == errc::method);
  CHECK(wrong.error().detail == "GET");
}

TEST_CASE("a foreign host is refused before any credential is looked at") {
  auto header = with_bearer(get("/terminals"), "wrong");
  header.set(http::field::host, "evil.example");
  CHECK(refusal(header) == errc::forbidden);
  header.set(http::field::authorization, "Bearer secret");
  CHECK(refusal(header) == errc::forbidden);
}

TEST_CASE("a foreign host is refused even on public routes") {
  auto header = get("/health");
  header.set(http::field::host, "evil.example");
  CHECK(refusal(header) == errc::forbidden);
}

TEST_CASE("a request needs exactly one Host") {
  auto none = get("/health");
  none.erase(http::field::host);
  CHECK(refusal(none) == errc::malformed);
  auto two = get("/health");
  two.insert(http::field::host, "127.0.0.1:3002");
  CHECK(refusal(two) == errc::malformed);
}

TEST_CASE("a foreign origin is refused with the right token") {
  auto header = with_bearer(get("/terminals"), "secret");
  header.set(http::field::origin, "https://evil.example");
  CHECK(refusal(header) == errc::forbidden);
  header.set(http::field::origin, "null");
  CHECK(refusal(header) == errc::forbidden);
}

TEST_CASE("the page's own origin is accepted") {
  auto header = with_bearer(get("/terminals"), "secret");
  header.set(http::field::origin, "http://127.0.0.1:3002");
  CHECK(admit(header));
}

TEST_CASE("a request a foreign page caused is refused") {
  auto header = with_bearer(get("/terminals"), "secret");
  header.set("Sec-Fetch-Site", "cross-site");
  CHECK(refusal(header) == errc::forbidden);
}

TEST_CASE("a link from a foreign page may open the console") {
  auto header = get("/");
  header.set("Sec-Fetch-Site", "cross-site");
  CHECK(refusal(header) == errc::forbidden);
  header.set("Sec-Fetch-Mode", "navigate");
  CHECK(admit(header));
}

TEST_CASE("a link from a foreign page opens nothing but the console") {
  edge open{open_to_all()};
  auto header = get("/terminals/1/scrollback");
  CHECK(open.admit(header));
  header.set("Sec-Fetch-Site", "cross-site");
  header.set("Sec-Fetch-Mode", "navigate");
  CHECK(open.refusal(header) == errc::forbidden);
}

TEST_CASE("only a GET is a navigation") {
  auto header = with_bearer(request(http::verb::post, "/terminals"), "secret");
  header.set("Sec-Fetch-Site", "cross-site");
  header.set("Sec-Fetch-Mode", "navigate");
  CHECK(refusal(header) == errc::forbidden);
}

TEST_CASE("a socket may open without a credential but not with a wrong one") {
  const auto in = admit(get("/ws"));
  REQUIRE(in);
  CHECK_FALSE(in->who.authenticated);
  CHECK(refusal(get("/ws?token=wrong")) == errc::unauthorized);
}

TEST_CASE("a trusted peer needs no token") {
  const auto in = admit(get("/terminals"), {"", {}, false, true});
  REQUIRE(in);
  CHECK(in->who.name == "local");
}

TEST_CASE("with auth off everyone is let in, foreign pages are not") {
  CHECK(admit(get("/terminals"), loopback(), open_to_all()));
  auto header = get("/terminals");
  header.set(http::field::origin, "https://evil.example");
  const auto foreign = admit(header, loopback(), open_to_all());
  REQUIRE(foreign.has_error());
  CHECK(foreign.error().code == errc::forbidden);
}

TEST_CASE("a target that is no path is malformed") {
  const auto target =
      GENERATE("http://127.0.0.1/health", "*", "health", "/a/../b", "/%zz");
  CHECK(refusal(get(target)) == errc::malformed);
}

TEST_CASE("HEAD is let in where GET is") {
  CHECK(admit(request(http::verb::head, "/health")));
}

} // namespace outrigger
