// Heads of requests, good and bad, as raw bytes.

#include "protocol/request_head.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/result_text.hpp"

namespace outrigger {
namespace {

const limits::edge_limits defaults;

/// What becomes of a head: "ok", or the kind of error.
std::string fate(std::string_view head,
                 const limits::edge_limits& limits = defaults) {
  const auto found = check_request_head(head, limits);
  if (found)
    return "ok";
  CHECK_FALSE(found.error().detail.empty());
  switch (found.error().code) {
  case errc::malformed:
    return "malformed";
  case errc::too_large:
    return "too large";
  case errc::expectation:
    return "expectation";
  default:
    return "another error";
  }
}

/// A head with this request line.
std::string line(std::string_view request_line) {
  return std::string{request_line} + "\r\nHost: localhost\r\n\r\n";
}

/// A head of HTTP/1.1 with these fields, each with its line end.
std::string with(std::string_view fields) {
  return "POST /terminals HTTP/1.1\r\nHost: localhost\r\n" +
         std::string{fields} + "\r\n";
}

std::string nul(std::string_view before, std::string_view after) {
  return std::string{before} + '\0' + std::string{after};
}

/// Feeds `bytes` one after another, as a slow connection would.
result<std::size_t> feed(std::string_view bytes,
                         const limits::edge_limits& limits = defaults) {
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    const std::string copy{bytes.substr(0, size)}; // nothing behind its end
    const auto end = find_head_end(copy, size - 1, limits);
    if (!end || *end != 0)
      return end;
  }
  return std::size_t{0};
}

const std::vector<std::string> complete_heads{
    "GET / HTTP/1.1\r\n\r\n",
    line("GET / HTTP/1.1"),
    with("Content-Length: 5\r\nX: y\r\n"),
    with("A:\r\nB: \r\n"),
};

} // namespace

// -- accepted -----------------------------------------------------------------

TEST_CASE("a plain head is accepted") {
  const auto head = GENERATE(
      line("GET / HTTP/1.1"), line("GET / HTTP/1.0"),
      line("GET /a?token=x%20y HTTP/1.1"), line("DELETE /terminals/3 HTTP/1.1"),
      line("M-SEARCH * HTTP/1.1"), line("get / HTTP/1.1"),
      line("!#$%&'*+-.^_`|~09AZaz / HTTP/1.1"), // all a method may hold
      line("GET /\xc3\xa9 HTTP/1.1"),           // judged with the target
      std::string{"GET / HTTP/1.1\r\n\r\n"});   // Host is the gate's business
  CAPTURE(head);
  CHECK(fate(head) == "ok");
}

TEST_CASE("fields as they are meant to be are accepted") {
  const auto* fields = GENERATE(
      "X:y\r\n", "X:  y \t\r\n", "X:\r\n", "X: a\tb\r\n", "X: \xc3\xa9\r\n",
      "X: a:b::c\r\n", "X-1_2.3~!: y\r\n", "Cookie: a=b; c=\"d\"\r\n",
      "Content-Length: 0\r\n", "content-length: 00012\r\n",
      "CONTENT-LENGTH:\t12 \r\n", "Content-Length: 999999999999999999\r\n",
      "Transfer-Encoding: chunked\r\n", "transfer-encoding:Chunked\r\n",
      "Transfer-Encoding: \tCHUNKED \r\n",
      "Connection: Upgrade\r\nUpgrade: websocket\r\n", "Upgrade: WebSocket\r\n",
      "Expect: 100-continue\r\n", "Expect: 100-Continue\r\n",
      "X-Transfer-Encoding: gzip\r\n", "Content-Length-X: many\r\n");
  CAPTURE(fields);
  CHECK(fate(with(fields)) == "ok");
}

// -- refused ------------------------------------------------------------------

TEST_CASE("a request line is METHOD TARGET VERSION and nothing else") {
  const auto head = GENERATE(
      line(""), line("GET"), line("GET /"), line("GET / "), line("GET  /"),
      line(" GET / HTTP/1.1"), line("GET  / HTTP/1.1"), line("GET  HTTP/1.1"),
      line("GET /  HTTP/1.1"), line("GET / HTTP/1.1 "),
      line("GET / HTTP/1.1 x"), line("GET /a b HTTP/1.1"),
      line("GET\t/ HTTP/1.1"), line("GET /\tHTTP/1.1"),
      line("GET /\t HTTP/1.1"), line("GET / HTTP/1.2"), line("GET / HTTP/2.0"),
      line("GET / HTTP/2"), line("GET / HTTP/0.9"), line("GET / HTTP/01.1"),
      line("GET / HTTP/1.10"), line("GET / http/1.1"), line("GET / HTTP/1,1"),
      line("GET / HTTPS/1.1"), line("G@T / HTTP/1.1"), line("G:T / HTTP/1.1"),
      line("GET, / HTTP/1.1"), line("\xc3\x89 / HTTP/1.1"),
      line("GET /\x7f HTTP/1.1"), line("GET /\x01 HTTP/1.1"),
      line("GET /\r HTTP/1.1"), line("GET /x\rGET / HTTP/1.1"),
      line(nul("GET /", " HTTP/1.1")), line(nul("GE", "T / HTTP/1.1")));
  CAPTURE(head);
  CHECK(fate(head) == "malformed");
}

TEST_CASE("a field is NAME: VALUE and nothing else") {
  const auto fields = GENERATE(
      as<std::string>{}, "X\r\n", ": y\r\n", " X: y\r\n", "\tX: y\r\n",
      "X : y\r\n", "X\t: y\r\n", "X Y: z\r\n", "X: y\r\n folded\r\n",
      "X: y\r\n\tfolded\r\n", "X: y\r\n \r\n", "X;: y\r\n", "X(y): z\r\n",
      "\"X\": y\r\n", "X/Y: z\r\n", "X@Y: z\r\n", "X\xc3\xa9: y\r\n",
      "X: y\rZ: a\r\n", "X: \ry\r\n", "X: a\x01\r\n",
      "X: a\x0b"
      "b\r\n",
      "X: a\x0c"
      "b\r\n",
      "X: \x7f\r\n", "X: \x1b[31m\r\n", "X\r: y\r\n", nul("X: a", "b\r\n"),
      nul("X", ": b\r\n"), "X: y\n", "X: y\nZ: a\r\n", "X: y\r\nZ: a\n");
  CAPTURE(fields);
  CHECK(fate(with(fields)) == "malformed");
}

TEST_CASE("a Transfer-Encoding is one chunked of HTTP/1.1") {
  const auto fields = GENERATE(
      as<std::string>{}, "Transfer-Encoding:\r\n",
      "Transfer-Encoding: identity\r\n", "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: chunkedx\r\n", "Transfer-Encoding: chunked,\r\n",
      "Transfer-Encoding: ,chunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: identity, chunked\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: chunked;q=1\r\n",
      "Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding: chun ked\r\n",
      "Transfer-Encoding: \x0b"
      "chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\ntransfer-encoding: identity\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n",
      "Transfer-Encoding : chunked\r\n", " Transfer-Encoding: chunked\r\n");
  CAPTURE(fields);
  CHECK(fate(with(fields)) == "malformed");
}

TEST_CASE("HTTP/1.0 has no Transfer-Encoding") {
  CHECK(fate("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        "malformed");
  CHECK(fate("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n") == "ok");
}

TEST_CASE("a Content-Length is one plain number") {
  const auto* fields = GENERATE(
      "Content-Length:\r\n", "Content-Length: x\r\n", "Content-Length: +3\r\n",
      "Content-Length: -3\r\n", "Content-Length: 3x\r\n",
      "Content-Length: 0x3\r\n", "Content-Length: 3 3\r\n",
      "Content-Length: 3,3\r\n", "Content-Length: 3, 3\r\n",
      "Content-Length: 3.0\r\n", "Content-Length: \"3\"\r\n",
      "Content-Length: 1e3\r\n", "Content-Length: \xd9\xa3\r\n",
      "Content-Length: 1000000000000000000\r\n",
      "Content-Length: 18446744073709551616\r\n",
      "Content-Length: 3\r\nContent-Length: 3\r\n",
      "Content-Length: 3\r\nContent-Length: 4\r\n",
      "Content-Length: 3\r\ncontent-length:\r\n", "Content-Length : 3\r\n",
      "Content-Length: 3\r\n 4\r\n");
  CAPTURE(fields);
  CHECK(fate(with(fields)) == "malformed");
}

TEST_CASE("a body's end is told in one way") {
  CHECK(fate(with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")) ==
        "malformed");
  CHECK(fate(with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")) ==
        "malformed");
  CHECK(fate(with("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")) ==
        "malformed");
}

TEST_CASE("nothing but a WebSocket is upgraded to") {
  const auto* fields =
      GENERATE("Upgrade:\r\n", "Upgrade: h2c\r\n", "Upgrade: TLS/1.3\r\n",
               "Upgrade: websocket, h2c\r\n", "Upgrade: websocket/13\r\n",
               "Upgrade: h2c\r\nUpgrade: websocket\r\n",
               "Upgrade: websocket\r\nUpgrade: h2c\r\n");
  CAPTURE(fields);
  CHECK(fate(with(fields)) == "malformed");
}

TEST_CASE("a Connection is a list of tokens") {
  const auto* name = GENERATE("Connection", "proxy-connection");
  for (const auto* value : {"close", "keep-alive, Upgrade", "", ",, close ,"})
    CHECK(fate(with(std::string{name} + ": " + value + "\r\n")) == "ok");
  for (const auto* value : {"close x", "close;q=1", "\"close\"", "a/b", "@"})
    CHECK(fate(with(std::string{name} + ": " + value + "\r\n")) == "malformed");
}

TEST_CASE("nothing but 100-continue can be expected") {
  const auto* fields = GENERATE("Expect:\r\n", "Expect: 200-ok\r\n",
                                "Expect: 100-continue, x\r\n",
                                "Expect: 100-continue\r\nExpect: x\r\n");
  CAPTURE(fields);
  CHECK(fate(with(fields)) == "expectation");
}

TEST_CASE("fields are counted") {
  limits::edge_limits three;
  three.max_fields = 3;
  CHECK(fate(with("A: 1\r\nB: 2\r\n"), three) == "ok"); // Host is one
  CHECK(fate(with("A: 1\r\nB: 2\r\nC: 3\r\n"), three) == "too large");
  std::string many;
  for (std::size_t i = 1; i < limits::max_http_fields; ++i)
    many += "X: y\r\n";
  CHECK(fate(with(many)) == "ok");
  CHECK(fate(with(many + "X: y\r\n")) == "too large");
}

TEST_CASE("what is no whole head is refused, not read past its end") {
  const auto whole = with("Content-Length: 3\r\nX: y\r\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string copy{whole.substr(0, size)};
    copy.shrink_to_fit();
    CAPTURE(size);
    CHECK(fate(copy) == "malformed");
  }
}

TEST_CASE("a refusal does not repeat what was sent") {
  const auto* field = GENERATE(
      "Authorization : canary\r\n", "canary\r\n", "Upgrade: canary\r\n",
      "Transfer-Encoding: canary\r\n", "Content-Length: canary\r\n",
      "Expect: canary\r\n", "X: canary\x01\r\n", " canary: x\r\n");
  const auto found = check_request_head(with(field), defaults);
  REQUIRE(found.has_error());
  CHECK(found.error().detail.find("canary") == std::string::npos);
}

// -- where a head ends --------------------------------------------------------

TEST_CASE("a head ends with its empty line, whatever follows") {
  for (const auto& head : complete_heads) {
    CAPTURE(head);
    CHECK(find_head_end(head, 0, defaults).value() == head.size());
    CHECK(find_head_end(head + "body", 0, defaults).value() == head.size());
    CHECK(find_head_end(head + "\n\r\n", 0, defaults).value() == head.size());
    CHECK(find_head_end(head + head, 0, defaults).value() == head.size());
  }
}

TEST_CASE("a head that comes byte by byte ends at the same place") {
  for (const auto& head : complete_heads) {
    CAPTURE(head);
    CHECK(feed(head).value() == head.size());
    CHECK(feed(head.substr(0, head.size() - 1)).value() == 0u);
  }
}

TEST_CASE("a head that comes in two pieces ends at the same place") {
  const auto head = with("Content-Length: 5\r\nX: y\r\n");
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    CAPTURE(cut);
    CHECK(find_head_end(head.substr(0, cut), 0, defaults).value() == 0u);
    CHECK(find_head_end(head, cut, defaults).value() == head.size());
  }
}

TEST_CASE("a line that does not end with CR LF is refused at once") {
  const auto* bytes = GENERATE(
      "\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: x\n",
      "GET / HTTP/1.1\r\nHost: x\r\n\n", "GET / HTTP/1.1\r\n\n\r\n\r\n");
  CAPTURE(bytes);
  const auto whole = find_head_end(bytes, 0, defaults);
  REQUIRE(whole.has_error());
  CHECK(whole.error().code == errc::malformed);
  const auto slow = feed(bytes);
  REQUIRE(slow.has_error());
  CHECK(slow.error().code == errc::malformed);
}

TEST_CASE("an empty line first is refused") {
  for (const auto& bytes :
       {std::string{"\r\n"}, "\r\n" + line("GET / HTTP/1.1"),
        std::string{"\r\n\r\n"}}) {
    CHECK(find_head_end(bytes, 0, defaults).has_error());
    CHECK(feed(bytes).has_error());
  }
}

TEST_CASE("a head has a largest size") {
  limits::edge_limits small;
  const auto head = with("Content-Length: 5\r\nX: y\r\n");
  small.max_header = head.size();
  CHECK(find_head_end(head, 0, small).value() == head.size());
  CHECK(feed(head, small).value() == head.size());
  CHECK(find_head_end(head + head, 0, small).value() == head.size());

  small.max_header = head.size() - 1;
  for (const auto& found :
       {find_head_end(head, 0, small), find_head_end(head + head, 0, small),
        feed(head, small), feed(head + head, small)}) {
    REQUIRE(found.has_error());
    CHECK(found.error().code == errc::too_large);
  }
}

TEST_CASE("a head without an end is refused when it is too large") {
  limits::edge_limits small;
  small.max_header = 100;
  const auto endless = "GET /" + std::string(200, 'x');
  CHECK(find_head_end(endless.substr(0, 99), 0, small).value() == 0u);
  for (const auto& found : {find_head_end(endless, 0, small),
                            find_head_end(endless.substr(0, 100), 0, small),
                            feed(endless, small)}) {
    REQUIRE(found.has_error());
    CHECK(found.error().code == errc::too_large);
  }
}

// -- media types --------------------------------------------------------------

TEST_CASE("JSON is told from other types") {
  for (const auto* type :
       {"application/json", "Application/JSON", " application/json ",
        "application/json;charset=utf-8", "application/json ; charset=utf-8",
        "application/json;"})
    CHECK(is_json_type(type));
  for (const auto* type :
       {"", ";", "text/plain", "application/jsonx", "application/json-patch",
        "text/json", "application/x-www-form-urlencoded",
        "text/plain;application/json", "text/plain, application/json",
        "application/json, text/plain", "multipart/form-data",
        "application/ json", "application"})
    CHECK_FALSE(is_json_type(type));
}

} // namespace outrigger
