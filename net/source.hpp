// Where a connection comes from, as far as fairness goes: one IPv4 address, or
// one IPv6 network of 64 bits, which is what one customer gets.

#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/ip/address.hpp>

namespace outrigger {

/// Empty for a unix socket: its peers are never strangers.
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

[[nodiscard]] inline source to_source(boost::asio::ip::address address) {
  source out;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped,
                                               address.to_v6());
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

} // namespace outrigger
