// Where a connection comes from, as far as fairness goes: one IPv4 address, or
// one IPv6 network of 64 bits, which is what one customer gets; of a unix
// socket, the user.

#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include <boost/asio/ip/address.hpp>

namespace outrigger {

/// Of a unix socket: its peer's user, or empty for one we trust.
struct source {
  std::string key;  // the bytes that count
  std::string text; // "192.0.2.1", for logs

  friend auto operator<=>(const source& a, const source& b) {
    return a.key <=> b.key;
  }
  friend bool operator==(const source& a, const source& b) {
    return a.key == b.key;
  }
};

/// A socket for both versions of IP says ::ffff:192.0.2.1 for 192.0.2.1.
[[nodiscard]] inline boost::asio::ip::address
unmapped(const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

[[nodiscard]] inline source to_source(const boost::asio::ip::address& theirs) {
  source out;
  const auto address = unmapped(theirs);
  out.text = address.to_string();
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    out.key.assign(bytes.begin(), bytes.end());
  } else {
    const auto bytes = address.to_v6().to_bytes();
    out.key.assign(bytes.begin(), bytes.begin() + 8);
  }
  return out;
}

[[nodiscard]] inline source to_source(uid_t user) {
  const auto text = "uid " + std::to_string(user);
  return {text, text};
}

} // namespace outrigger
