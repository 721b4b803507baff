#include <catch2/catch.hpp>

#include "protocol/options.hpp"
#include "tests/protocol/prefixes.hpp"

using namespace outrigger;
using outrigger::test::for_each_prefix;

TEST_CASE("a TCP address is a host and a port") {
  const auto [text, host, port, loopback] =
      GENERATE(table<std::string, std::string, int, bool>({
          {"127.0.0.1:3002", "127.0.0.1", 3002, true},
          {"127.9.9.9:1", "127.9.9.9", 1, true},
          {"[::1]:0", "::1", 0, true},
          {"[::ffff:127.0.0.1]:5", "::ffff:127.0.0.1", 5, true},
          {"localhost:80", "localhost", 80, true},
          {":3002", "", 3002, false},
          {"0.0.0.0:65535", "0.0.0.0", 65535, false},
          {"[::]:9", "::", 9, false},
          {"192.168.0.1:22", "192.168.0.1", 22, false},
      }));
  CAPTURE(text);
  const auto address = parse_listen_address(text);
  REQUIRE(address.has_value());
  CHECK(address->host == host);
  CHECK(address->port == port);
  CHECK_FALSE(address->is_unix());
  CHECK(address->is_loopback() == loopback);
}

TEST_CASE("a unix socket has an absolute path that fits") {
  const auto address = parse_listen_address("unix:/run/x:y.sock");
  REQUIRE(address.has_value());
  CHECK(address->unix_path == "/run/x:y.sock");
  CHECK(address->is_unix());
  CHECK(address->is_loopback());
  CHECK(parse_listen_address("unix:/" + std::string(106, 'x')).has_value());
  CHECK(parse_listen_address("unix:/" + std::string(107, 'x')).has_error());
  for (const auto* text : {"unix:", "unix:x", "unix:@x", "UNIX:/x"})
    CHECK(parse_listen_address(text).has_error());
}

TEST_CASE("names and unclear addresses are refused, and quoted") {
  const auto* text = GENERATE(
      "", ":", "3002", "example.com:80", "LOCALHOST:80", "127.0.0.1", "::1:80",
      "[::1]", "[::1]80", "[::1:80", "[127.0.0.1]:80", "[localhost]:80",
      "[]:80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x",
      "127.0.0.1: 80", "127.1:80", "*:80", "http://[::1]:80",
      "[fe80::1%eth0]:80", "a@127.0.0.1:80");
  CAPTURE(text);
  const auto address = parse_listen_address(text);
  REQUIRE(address.has_error());
  CHECK(address.error().code == errc::malformed);
  CHECK_THAT(address.error().detail,
             Catch::Contains("'" + std::string{text} + "'"));
}

TEST_CASE("an address cut anywhere is parsed or malformed") {
  for (const auto* whole : {"[::ffff:127.0.0.1]:3002", "unix:/run/x"})
    for_each_prefix(whole, [](auto text) {
      const auto address = parse_listen_address(text);
      if (!address)
        CHECK(address.error().code == errc::malformed);
    });
}
