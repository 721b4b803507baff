// The half of the access decision that needs no credential.

#include "protocol/access.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

access_policy policy() {
  access_policy out;
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

TEST_CASE("only a listed origin may read the answer") {
  auto request = local_request();
  CHECK_FALSE(is_listed_origin(policy(), request));
  request.origin = {"https://ide.example"};
  CHECK(is_listed_origin(policy(), request));
  request.origin = {"http://127.0.0.1:3002"}; // our own needs no leave
  CHECK_FALSE(is_listed_origin(policy(), request));
  request.origin = {"https://ide.example", "https://ide.example"};
  CHECK_FALSE(is_listed_origin(policy(), request));
}
