// Base64url without padding (RFC 4648 §5), as strict as JWTs need it: every
// byte sequence has exactly one text. For protocol/*.cpp.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace outrigger {

/// Null when `text` holds anything outside the alphabet ("=", blanks, "+" and
/// "/" included), has a length that no bytes encode to, or has bits set in its
/// last character that belong to no byte.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

} // namespace outrigger
