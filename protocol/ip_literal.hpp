// Numeric IP addresses in their strict textual forms. Nothing is resolved,
// and the lenient spellings some resolvers take ("127.1", "0x7f.0.0.1") are
// not addresses here. For protocol/*.cpp.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace outrigger {

/// IPv4 is kept as its IPv4-mapped form, so that one machine address has one
/// value however a socket or a header spells it.
struct ip_literal {
  std::array<std::uint8_t, 16> bytes{};

  /// 127.0.0.0/8 or ::1.
  [[nodiscard]] bool is_loopback() const;

  friend bool operator==(const ip_literal&, const ip_literal&) = default;
};

/// "127.0.0.1": four decimal numbers without leading zeros.
[[nodiscard]] std::optional<ip_literal> parse_ipv4(std::string_view text);

/// "::1", without brackets or zone; the last 32 bits may be dotted.
[[nodiscard]] std::optional<ip_literal> parse_ipv6(std::string_view text);

} // namespace outrigger
