// Percent-encoding of URIs (RFC 3986 §2.1). For protocol/*.cpp.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace outrigger {

/// Decodes once; null when an escape is not "%" and two hex digits.
/// `plus_is_space` as in the query strings that forms and URLSearchParams
/// write.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text,
                                                        bool plus_is_space);

} // namespace outrigger
