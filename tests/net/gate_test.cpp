// Who gets past the gate, and in which order it asks.

#include "net/gate.hpp"

#include <catch2/catch.hpp>

#include "tests/support/result_text.hpp"

namespace outrigger {
namespace {

namespace http = boost::beast::http;

access_policy of_tokens(std::vector<token_record> tokens) {
  access_policy out;
  out.known.tokens = std::move(tokens);
  return out;
}

access_policy open_to_all() {
  access_policy out;
  out.auth = false;
  return out;
}

token_record viewer_record() {
  token_record out;
  out.id = "0000000a";
  out.digest = sha256("viewer");
  out.scopes = *parse_scopes("terminal:3:view");
  return out;
}

const access_policy with_token =
    of_tokens({owner_record("secret"), viewer_record()});
const access_policy without_auth = open_to_all();

/// A client on this machine.
peer client_at(const std::string& address) {
  return {"127.0.0.1", to_source(asio::ip::make_address(address)), false,
          false};
}
const peer loopback = client_at("127.0.0.1");

/// The rest of the daemon, as far as the gate looks at it.
struct edge {
  explicit edge(access_policy policy = with_token)
      : context{loop, std::move(policy), counted} {}

  result<admission> admit(const http_header& header,
                          const peer& from = loopback,
                          moment now = moment::now()) {
    return outrigger::admit(header, from, context, now);
  }
  errc refusal(const http_header& header, const peer& from = loopback) {
    const auto answer = admit(header, from);
    REQUIRE(answer.has_error());
    return answer.error().code;
  }
  std::uint64_t denied(denial why) const {
    return counted.denied[static_cast<std::size_t>(why)];
  }
  void load(overload_level level) {
    const std::array<std::size_t, 4> used{0, 75, 90, 99};
    context.load.set_budget({100, 0, 0, 0});
    context.load.sample(used[static_cast<std::size_t>(level)], 0);
  }

  asio::io_context loop{1};
  edge_meters counted;
  server_context context;
};

http_header request(http::verb method, const std::string& target) {
  http_header header;
  header.version(11);
  header.method(method);
  header.target(target);
  header.set(http::field::host, "127.0.0.1:3002");
  return header;
}

http_header get(const std::string& target) {
  return request(http::verb::get, target);
}

http_header with_bearer(http_header header, const std::string& token) {
  header.set(http::field::authorization, "Bearer " + token);
  return header;
}

result<admission> admit(const http_header& header, const peer& from = loopback,
                        const access_policy& policy = with_token) {
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
  CHECK(admit(get("/terminals"), loopback, without_auth));
  auto header = get("/terminals");
  header.set(http::field::origin, "https://evil.example");
  const auto foreign = admit(header, loopback, without_auth);
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
