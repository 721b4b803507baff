#include "protocol/access.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

constexpr auto secret = "s3cret-token";

access_policy policy() {
  access_policy out;
  out.token = secret;
  out.hosts = {"dev.example", "10.0.0.7"};
  out.origins = {"https://ide.example"};
  return out;
}

access_request local_request() {
  access_request out;
  out.host = {"127.0.0.1:3002"};
  out.local_address = "127.0.0.1";
  return out;
}

errc origin_error(const access_request& request, bool navigation = false) {
  const auto done = check_origin(policy(), request, navigation);
  return done ? errc{} : done.error().code;
}

errc error_of(const result<principal>& who) {
  return who ? errc{} : who.error().code;
}

/// The same token carried in each of the three ways.
access_request with_carrier(int carrier, const std::string& token,
                            std::string& storage) {
  auto out = local_request();
  storage = carrier == 0   ? "Bearer " + token
            : carrier == 1 ? token
                           : "Bearer, " + token;
  if (carrier == 0)
    out.authorization = {storage};
  else if (carrier == 1)
    out.query_token = storage;
  else
    out.websocket_protocol = storage;
  return out;
}

} // namespace

TEST_CASE("loopback names, the local address and listed hosts are accepted") {
  const auto* host =
      GENERATE("localhost", "LOCALHOST:3002", "127.0.0.1:3002", "127.8.9.1",
               "[::1]:3002", "[0:0:0:0:0:0:0:1]", "192.168.1.5:3002",
               "dev.example", "DEV.Example:80", "10.0.0.7:1");
  auto request = local_request();
  request.local_address = "192.168.1.5";
  request.host = {host};
  CAPTURE(host);
  CHECK(origin_error(request) == errc{});
}

TEST_CASE("a mapped or zoned local address matches its plain Host") {
  auto request = local_request();
  request.local_address = "::ffff:192.168.1.5";
  request.host = {"192.168.1.5:3002"};
  CHECK(origin_error(request) == errc{});
  request.local_address = "fe80::1%eth0";
  request.host = {"[fe80::1]:3002"};
  CHECK(origin_error(request) == errc{});
}

TEST_CASE("any other host is forbidden") {
  const auto* host = GENERATE(
      "localhost.evil.example", "127.0.0.1:3002@evil", "evil@127.0.0.1:3002",
      "localhost.", "127.0.0.1.", "dev.example.", "evil.example", "0.0.0.0",
      "[::]:3002", "192.168.1.6", "127.1", "0177.0.0.1", "2130706433",
      "0x7f.0.0.1", "[::1", "::1", "[::1]3002", "localhost:", "localhost:x",
      "localhost:99999", "localhost:3002:1", "localhost/x", "localhost 1", "",
      "127.0.0.1\t", "dev.example:80,localhost");
  auto request = local_request();
  request.host = {host};
  CAPTURE(host);
  CHECK(origin_error(request) == errc::forbidden);
}

TEST_CASE("exactly one Host field is required") {
  auto request = local_request();
  request.host = {};
  CHECK(origin_error(request) == errc::malformed);
  request.host = {"127.0.0.1:3002", "127.0.0.1:3002"};
  CHECK(origin_error(request) == errc::malformed);
}

TEST_CASE("the daemon's own origin is accepted, by the scheme it serves") {
  auto request = local_request();
  request.origin = {"http://127.0.0.1:3002"};
  CHECK(origin_error(request) == errc{});
  request.origin = {"http://localhost:3002"};
  CHECK(origin_error(request) == errc{});
  request.origin = {"https://127.0.0.1:3002"};
  CHECK(origin_error(request) == errc::forbidden);

  request.tls = true;
  CHECK(origin_error(request) == errc{});
  request.origin = {"http://127.0.0.1:3002"};
  CHECK(origin_error(request) == errc::forbidden);
}

TEST_CASE("a missing port means the scheme's usual one") {
  auto request = local_request();
  request.host = {"dev.example"};
  request.origin = {"http://dev.example"};
  CHECK(origin_error(request) == errc{});
  request.origin = {"http://dev.example:80"};
  CHECK(origin_error(request) == errc{});
  request.tls = true;
  request.origin = {"https://dev.example:443"};
  CHECK(origin_error(request) == errc{});
  request.origin = {"https://dev.example:80"};
  CHECK(origin_error(request) == errc::forbidden);
}

TEST_CASE("a listed origin is accepted exactly as written") {
  auto request = local_request();
  request.origin = {"https://ide.example"};
  CHECK(origin_error(request) == errc{});
  request.origin = {"https://ide.example/"};
  CHECK(origin_error(request) == errc::forbidden);
  request.origin = {"https://ide.example.evil"};
  CHECK(origin_error(request) == errc::forbidden);
}

TEST_CASE("any other origin is forbidden") {
  const auto* origin = GENERATE(
      "null", "", "http://localhost.evil.example", "http://127.0.0.1:3000",
      "http://localhost:3000", "http://localhost", "http://127.0.0.1:3000@evil",
      "http://127.0.0.1:3002@evil", "http://evil@127.0.0.1:3002",
      "http://127.0.0.1:3002/", "http://127.0.0.1:3002#", "127.0.0.1:3002",
      "http:127.0.0.1:3002", "ws://127.0.0.1:3002", "http://evil.example:3002",
      "http://0.0.0.0:3002", "file://", "http://", "HTTP://127.0.0.1:3002",
      "http://127.0.0.1:3002 http://127.0.0.1:3002");
  auto request = local_request();
  request.origin = {origin};
  CAPTURE(origin);
  CHECK(origin_error(request) == errc::forbidden);
  CHECK(origin_error(request, true) == errc::forbidden);
}

TEST_CASE("two Origin fields are forbidden even when both are good") {
  auto request = local_request();
  request.origin = {"http://127.0.0.1:3002", "http://127.0.0.1:3002"};
  CHECK(origin_error(request) == errc::forbidden);
}

TEST_CASE("a cross-site request needs an allowed origin or a navigation") {
  auto request = local_request();
  request.sec_fetch_site = "cross-site";
  CHECK(origin_error(request) == errc::forbidden);
  CHECK(origin_error(request, true) == errc{});
  request.sec_fetch_site = "Cross-Site";
  CHECK(origin_error(request) == errc::forbidden);
  request.origin = {"https://ide.example"};
  CHECK(origin_error(request) == errc{});
  const auto* harmless = GENERATE("same-origin", "same-site", "none", "");
  request.origin = {};
  request.sec_fetch_site = harmless;
  CHECK(origin_error(request) == errc{});
}

TEST_CASE("every carrier brings the token in") {
  const int carrier = GENERATE(0, 1, 2);
  std::string storage;
  CAPTURE(carrier);
  const auto good = identify(policy(), with_carrier(carrier, secret, storage));
  REQUIRE(good.has_value());
  CHECK(good->authenticated);
  CHECK(good->name == "token");
  for (const auto* wrong :
       {"wrong-token!", "s3cret-toke", "s3cret-token1", "S3CRET-TOKEN"}) {
    CAPTURE(wrong);
    CHECK(error_of(identify(policy(), with_carrier(carrier, wrong, storage))) ==
          errc::unauthorized);
  }
}

TEST_CASE("an empty credential is wrong, not absent") {
  const int carrier = GENERATE(0, 1, 2);
  std::string storage;
  const auto request = with_carrier(carrier, "", storage);
  CHECK(error_of(identify(policy(), request)) == errc::unauthorized);
  auto unset = policy();
  unset.token.clear();
  CHECK(error_of(identify(unset, request)) == errc::unauthorized);
}

TEST_CASE("a token carried twice is fine, two different ones are malformed") {
  const int first = GENERATE(0, 1, 2);
  const int second = GENERATE(0, 1, 2);
  std::string one;
  std::string two;
  const auto combined = [&](const std::string& a, const std::string& b) {
    auto out = with_carrier(first, a, one);
    const auto other = with_carrier(second, b, two);
    out.authorization.insert(out.authorization.end(),
                             other.authorization.begin(),
                             other.authorization.end());
    if (other.query_token)
      out.query_token = other.query_token;
    if (!other.websocket_protocol.empty())
      out.websocket_protocol = other.websocket_protocol;
    return out;
  };
  CHECK(identify(policy(), combined(secret, secret)).has_value());
  // Only Authorization can come twice: the others have one place.
  if (first == second && first != 0)
    return;
  CHECK(error_of(identify(policy(), combined(secret, "other"))) ==
        errc::malformed);
  CHECK(error_of(identify(policy(), combined("other", secret))) ==
        errc::malformed);
}

TEST_CASE("no credential is an anonymous principal") {
  auto request = local_request();
  request.websocket_protocol = "binary, chat";
  const auto who = identify(policy(), request);
  REQUIRE(who.has_value());
  CHECK_FALSE(who->authenticated);
  CHECK(who->name == "anonymous");
}

TEST_CASE("the scheme of Authorization has no case and needs one token") {
  auto request = local_request();
  for (const auto* good : {"bearer s3cret-token", "BEARER  s3cret-token ",
                           " Bearer s3cret-token"}) {
    CAPTURE(good);
    request.authorization = {good};
    CHECK(identify(policy(), request).has_value());
  }
  for (const auto* bad : {"Basic czNjcmV0", "Bearer", "", "s3cret-token",
                          "Bearer s3cret-token x", "Bearers3cret-token"}) {
    CAPTURE(bad);
    request.authorization = {bad};
    CHECK(error_of(identify(policy(), request)) == errc::unauthorized);
  }
}

TEST_CASE("the subprotocol carrier takes list separators as they come") {
  auto request = local_request();
  for (const auto* good : {"Bearer,s3cret-token", " Bearer ,\ts3cret-token",
                           ",Bearer,,s3cret-token,chat"}) {
    CAPTURE(good);
    request.websocket_protocol = good;
    CHECK(identify(policy(), request).has_value());
    CHECK(first_subprotocol(good) == "Bearer");
  }
  request.websocket_protocol = "Bearer";
  CHECK(error_of(identify(policy(), request)) == errc::unauthorized);
  CHECK(first_subprotocol("").empty());
  CHECK(first_subprotocol(" , ").empty());
  CHECK(first_subprotocol("chat") == "chat");
}

TEST_CASE("without authentication everyone comes in") {
  auto open = policy();
  open.auth = false;
  auto request = local_request();
  request.authorization = {"Bearer wrong"};
  const auto who = identify(open, request);
  REQUIRE(who.has_value());
  CHECK(who->authenticated);
  CHECK(who->name == "no-auth");
}

TEST_CASE("a checked local peer needs no token") {
  auto request = local_request();
  request.trusted_peer = true;
  const auto who = identify(policy(), request);
  REQUIRE(who.has_value());
  CHECK(who->authenticated);
  CHECK(who->name == "local");
}

TEST_CASE("an anonymous principal may do only what needs nothing") {
  const principal nobody;
  const principal owner{true, "token"};
  CHECK(authorize(nobody, scope::none).has_value());
  for (const auto needs : {scope::read, scope::terminal, scope::admin}) {
    REQUIRE(authorize(nobody, needs).has_error());
    CHECK(authorize(nobody, needs).error().code == errc::unauthorized);
    CHECK(authorize(owner, needs).has_value());
  }
}

TEST_CASE("secrets are equal only when every byte is") {
  CHECK(equal_secret("", ""));
  CHECK(equal_secret("abc", "abc"));
  CHECK_FALSE(equal_secret("abc", "abd"));
  CHECK_FALSE(equal_secret("abc", "bbc"));
  CHECK_FALSE(equal_secret("abc", "abcd"));
  CHECK_FALSE(equal_secret("", "a"));
}

TEST_CASE("no refused credential is quoted") {
  const int carrier = GENERATE(0, 1, 2);
  std::string storage;
  const auto refused =
      identify(policy(), with_carrier(carrier, "canary-7", storage));
  REQUIRE(refused.has_error());
  CHECK(refused.error().detail.find("canary") == std::string::npos);
}
