#include "protocol/ip_literal.hpp"

#include <cstring>
#include <random>
#include <string>

#include <arpa/inet.h>
#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

/// What the C library says about the same text.
std::optional<ip_literal> reference_v6(const std::string& text) {
  ip_literal out;
  if (inet_pton(AF_INET6, text.c_str(), out.bytes.data()) != 1)
    return std::nullopt;
  return out;
}

} // namespace

TEST_CASE("IPv4 addresses are four plain decimal numbers") {
  CHECK(parse_ipv4("127.0.0.1"));
  CHECK(parse_ipv4("255.255.255.255"));
  CHECK(parse_ipv4("0.0.0.0"));
  for (const auto* text :
       {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04",
        "0x1.2.3.4", "1.2.3.", ".1.2.3", "1.2.3.4 ", "-1.2.3.4", "1..2.3",
        "1.2.3.+4", "localhost"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ipv4(text));
  }
}

TEST_CASE("loopback is 127.0.0.0/8 and ::1, mapped or not") {
  CHECK(parse_ipv4("127.255.0.3")->is_loopback());
  CHECK_FALSE(parse_ipv4("128.0.0.1")->is_loopback());
  CHECK_FALSE(parse_ipv4("0.0.0.0")->is_loopback());
  CHECK(parse_ipv6("::1")->is_loopback());
  CHECK(parse_ipv6("::ffff:127.0.0.1")->is_loopback());
  CHECK_FALSE(parse_ipv6("::")->is_loopback());
  CHECK_FALSE(parse_ipv6("::2")->is_loopback());
  CHECK_FALSE(parse_ipv6("1::1")->is_loopback());
}

TEST_CASE("IPv6 addresses are read as the C library reads them") {
  for (const std::string text : {"::",
                                 "::1",
                                 "1::",
                                 "1:2:3:4:5:6:7:8",
                                 "1:2:3:4:5:6:7::",
                                 "::2:3:4:5:6:7:8",
                                 "1::8",
                                 "1:2::7:8",
                                 "::ffff:1.2.3.4",
                                 "1:2:3:4:5:6:1.2.3.4",
                                 "64:ff9b::1.2.3.4",
                                 "fe80::1",
                                 "FE80::ABCD",
                                 "1::1.2.3.4",
                                 "",
                                 ":",
                                 ":::",
                                 "1:2",
                                 "1:2:3:4:5:6:7:8:9",
                                 "1::2::3",
                                 "::1:",
                                 ":1::",
                                 "12345::",
                                 "g::",
                                 "1:2:3:4:5:6:7:8::",
                                 "::1.2.3",
                                 "1.2.3.4",
                                 "1.2.3.4::",
                                 "::1.2.3.4:5",
                                 "::1%eth0",
                                 "[::1]",
                                 "1:2:3:4:5:6:7:1.2.3.4",
                                 "::-1",
                                 "::+1",
                                 "::0x1",
                                 "1:2:3:4:5:6:7:"}) {
    CAPTURE(text);
    CHECK(parse_ipv6(text) == reference_v6(text));
  }
}

TEST_CASE("random texts are IPv6 addresses exactly when the C library agrees") {
  std::mt19937 random{7};
  const std::string alphabet = "::::01af.2";
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (auto size = random() % 12; size > 0; --size)
      text += alphabet[random() % alphabet.size()];
    if (parse_ipv6(text) != reference_v6(text))
      FAIL(text);
  }
}
