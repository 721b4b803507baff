// SHA-256, by OpenSSL: how static tokens and tickets are kept. A pure function
// of its bytes.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace outrigger {

using sha256_digest = std::array<std::uint8_t, 32>;

[[nodiscard]] sha256_digest sha256(std::string_view bytes);

/// Equal, in time that does not depend on the contents.
[[nodiscard]] bool equal_digest(const sha256_digest& a, const sha256_digest& b);

/// 64 lower-case hex digits.
[[nodiscard]] std::string to_hex(const sha256_digest& digest);

/// The inverse of to_hex; null for any other text.
[[nodiscard]] std::optional<sha256_digest>
digest_from_hex(std::string_view hex);

} // namespace outrigger
