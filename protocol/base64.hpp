// Base64 with padding (RFC 4648 §4). For protocol/*.cpp.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace outrigger {

[[nodiscard]] std::string to_base64(std::string_view bytes);

/// The inverse; line ends are passed over, padding may be left out. Null when
/// it is not base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

} // namespace outrigger
