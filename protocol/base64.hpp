// Base64 with padding (RFC 4648 §4). For protocol/*.cpp.

#pragma once

#include <string>
#include <string_view>

namespace outrigger {

[[nodiscard]] std::string to_base64(std::string_view bytes);

} // namespace outrigger
