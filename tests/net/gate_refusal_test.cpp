// What the gate counts, whom it slows down, and who has to wait when there is
// little room. Pages of other origins.

#include "tests/net/gate_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr int burst = static_cast<int>(penalties::burst);

/// An edge whose time the test moves.
struct timed_edge : edge {
  result<admission> ask(const http_header& header,
                        const peer& from = loopback()) {
    return admit(header, from, now);
  }
  errc answer_to(const http_header& header, const peer& from = loopback()) {
    return refuse(header, from, now).code;
  }
  void guess(int times, const peer& from = loopback()) {
    for (int i = 0; i < times; ++i)
      (void)ask(with_bearer(get("/terminals"), "wrong"), from);
  }

  moment now = moment::now();
};

const http_header good = with_bearer(get("/terminals"), "secret");
const http_header wrong = with_bearer(get("/terminals"), "wrong");

http_header from_page(http_header header, const std::string& origin) {
  header.set(http::field::origin, origin);
  return header;
}

http_header preflight(const std::string& origin) {
  auto header = from_page(request(http::verb::options, "/terminals"), origin);
  header.set(http::field::access_control_request_method, "POST");
  return header;
}

access_policy listing(const std::string& origin) {
  auto out = two_tokens();
  out.origins = {origin};
  return out;
}

} // namespace

// -- counting -----------------------------------------------------------------

TEST_CASE("every refusal is counted under its reason") {
  edge e;
  CHECK(e.refusal(get("/terminals")) == errc::unauthorized);
  CHECK(e.denied(denial::missing) == 1);
  CHECK(e.refusal(get("/no-such-route")) == errc::unauthorized);
  CHECK(e.denied(denial::missing) == 2);
  CHECK(e.refusal(wrong) == errc::unauthorized);
  CHECK(e.denied(denial::invalid) == 1);
  CHECK(e.refusal(with_bearer(get("/runtime"), "viewer")) == errc::forbidden);
  CHECK(e.denied(denial::scope) == 1);
  auto elsewhere = good;
  elsewhere.set(http::field::host, "evil.example");
  CHECK(e.refusal(elsewhere) == errc::forbidden);
  CHECK(e.denied(denial::host) == 1);
  CHECK(e.refusal(from_page(good, "null")) == errc::forbidden);
  CHECK(e.denied(denial::origin) == 1);
  CHECK(e.refusal(get("/%00")) == errc::malformed);
  CHECK(e.denied(denial::malformed) == 1);
  CHECK(e.refusal(with_bearer(get("/terminals?token=x"), "secret")) ==
        errc::malformed);
  CHECK(e.denied(denial::malformed) == 2);
  e.load(overload_level::elevated);
  CHECK(e.refusal(get("/ws")) == errc::unavailable);
  CHECK(e.denied(denial::overload) == 1);
}

TEST_CASE("who is let in is not counted") {
  edge e;
  REQUIRE(e.admit(good));
  REQUIRE(e.admit(get("/health")));
  REQUIRE(e.admit(get("/ws")));
  for (const auto count : e.counted.denied)
    CHECK(count == 0);
}

// -- guessers -----------------------------------------------------------------

TEST_CASE("a source with too many wrong tokens is told to wait") {
  timed_edge e;
  e.guess(burst);
  CHECK(e.denied(denial::invalid) == burst);
  const auto told = e.refuse(wrong, loopback(), e.now);
  CHECK(told.code == errc::too_many);
  CHECK(told.retry_after == 5s);
  CHECK(e.denied(denial::throttled) == 1);
  CHECK(e.denied(denial::invalid) == burst);
}

TEST_CASE("the right token is taken during a penalty too") {
  timed_edge e;
  e.guess(burst + 1);
  REQUIRE(e.answer_to(wrong) == errc::too_many);
  CHECK(e.ask(good));
}

TEST_CASE("a penalty is nothing to those who show nothing") {
  timed_edge e;
  e.guess(burst + 1);
  CHECK(e.ask(get("/health")));
  CHECK(e.ask(get("/")));
  CHECK(e.answer_to(get("/terminals")) == errc::unauthorized);
}

TEST_CASE("a penalty is over when it is over") {
  timed_edge e;
  e.guess(burst + 1);
  e.now.steady += 4999ms;
  CHECK(e.answer_to(wrong) == errc::too_many);
  e.now.steady += 1ms;
  CHECK(e.answer_to(wrong) == errc::unauthorized);
}

TEST_CASE("a penalty is for one source") {
  timed_edge e;
  e.guess(burst + 1, client_at("192.0.2.1"));
  CHECK(e.answer_to(wrong, client_at("192.0.2.1")) == errc::too_many);
  CHECK(e.answer_to(wrong, client_at("192.0.2.2")) == errc::unauthorized);
}

TEST_CASE("every carrier of a wrong token counts") {
  timed_edge e;
  auto key = get("/terminals");
  key.set("X-API-Key", "wrong");
  auto offer = get("/ws");
  offer.set(http::field::sec_websocket_protocol, "Bearer, wrong");
  for (int i = 0; i < burst; i += 4)
    for (const auto& header :
         {wrong, key, offer, get("/terminals?token=wrong")})
      CHECK(e.answer_to(header) == errc::unauthorized);
  CHECK(e.answer_to(wrong) == errc::too_many);
}

TEST_CASE("a token without the scope is no guess") {
  timed_edge e;
  for (int i = 0; i < 3 * burst; ++i)
    CHECK(e.answer_to(with_bearer(get("/runtime"), "viewer")) ==
          errc::forbidden);
  CHECK(e.context.offenders.size() == 0);
}

// -- little room --------------------------------------------------------------

TEST_CASE("a crowd of strangers keeps nobody from the page") {
  edge e;
  e.load(overload_level::elevated);
  CHECK(e.admit(get("/")));
  CHECK(e.admit(get("/index.html")));
  CHECK(e.refusal(get("/ws")) == errc::unavailable);
}

TEST_CASE("under load strangers are told to come back") {
  const auto level = GENERATE(overload_level::high, overload_level::critical);
  edge e;
  e.load(level);
  for (const auto* target : {"/", "/index.html", "/ws"}) {
    const auto told = e.refuse(get(target));
    CHECK(told.code == errc::unavailable);
    CHECK(told.retry_after > 0s);
  }
}

TEST_CASE("under load /health is answered all the same") {
  const auto level = GENERATE(overload_level::elevated, overload_level::high,
                              overload_level::critical);
  edge e;
  e.load(level);
  CHECK(e.admit(get("/health")));
  CHECK(e.admit(request(http::verb::head, "/health")));
}

TEST_CASE("under load a credential lets in, on public routes too") {
  edge e;
  e.load(overload_level::critical);
  for (const auto* target : {"/terminals", "/ws", "/", "/index.html"}) {
    CAPTURE(target);
    CHECK(e.admit(with_bearer(get(target), "secret")));
  }
  CHECK(e.admit(get("/?token=secret")));
  CHECK(e.refusal(with_bearer(get("/"), "wrong")) == errc::unavailable);
}

TEST_CASE("under load nobody is a stranger who needs no credential") {
  edge open{open_to_all()};
  open.load(overload_level::critical);
  CHECK(open.admit(get("/")));
  edge e;
  e.load(overload_level::critical);
  CHECK(e.admit(get("/"), {"", {}, false, true}));
}

TEST_CASE("under load a wrong token is still a wrong token") {
  edge e;
  e.load(overload_level::critical);
  CHECK(e.refusal(wrong) == errc::unauthorized);
  CHECK(e.refusal(get("/terminals")) == errc::unauthorized);
}

// -- pages of other origins ---------------------------------------------------

TEST_CASE("a page of a listed origin may read the answer") {
  const auto policy = listing("https://ide.example");
  edge e{policy};
  const auto header = from_page(good, "https://ide.example");
  const auto in = e.admit(header);
  REQUIRE(in);
  CHECK_FALSE(in->preflight);
  CHECK(listed_origin(header, policy) == "https://ide.example");
}

TEST_CASE("nobody else is given leave to read") {
  const auto policy = listing("https://ide.example");
  CHECK(listed_origin(good, policy).empty());
  for (const auto* origin :
       {"http://127.0.0.1:3002", "https://evil.example", "null", "*", ""})
    CHECK(listed_origin(from_page(good, origin), policy).empty());
  auto twice = from_page(good, "https://ide.example");
  twice.insert(http::field::origin, "https://ide.example");
  CHECK(listed_origin(twice, policy).empty());
}

TEST_CASE("a listed origin is compared as a whole") {
  edge e{listing("https://ide.example")};
  for (const auto* origin :
       {"https://ide.example.evil", "https://ide.example:8443",
        "http://ide.example", "https://IDE.example/", "https://ide.exampl",
        "https://evil@ide.example"}) {
    CAPTURE(origin);
    CHECK(e.refusal(from_page(good, origin)) == errc::forbidden);
    CHECK(e.refusal(preflight(origin)) == errc::forbidden);
  }
}

TEST_CASE("a preflight of a listed origin needs no credential") {
  edge e{listing("https://ide.example")};
  const auto in = e.admit(preflight("https://ide.example"));
  REQUIRE(in);
  CHECK(in->preflight);
  CHECK_FALSE(in->who.authenticated);
}

TEST_CASE("a preflight is an OPTIONS that names a method, from a page") {
  edge e{listing("https://ide.example")};
  auto no_method = preflight("https://ide.example");
  no_method.erase(http::field::access_control_request_method);
  CHECK(e.refusal(no_method) == errc::unauthorized);
  auto no_page = preflight("https://ide.example");
  no_page.erase(http::field::origin);
  CHECK(e.refusal(no_page) == errc::unauthorized);
  auto get_one = preflight("https://ide.example");
  get_one.method(http::verb::get);
  CHECK(e.refusal(get_one) == errc::unauthorized);
}

TEST_CASE("a listed origin is no credential") {
  edge e{listing("https://ide.example")};
  CHECK(e.refusal(from_page(get("/terminals"), "https://ide.example")) ==
        errc::unauthorized);
  CHECK(e.refusal(from_page(wrong, "https://ide.example")) ==
        errc::unauthorized);
}

TEST_CASE("a listed origin does not make up for the wrong host") {
  edge e{listing("https://ide.example")};
  auto rebound = preflight("https://ide.example");
  rebound.set(http::field::host, "ide.example");
  CHECK(e.refusal(rebound) == errc::forbidden);
}

} // namespace outrigger
