// UTF-8 checks, as Unicode defines them: no overlong forms, no surrogates,
// nothing above U+10FFFF. For protocol/*.cpp.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace outrigger::utf8 {

/// Length in bytes of the character at the start of `text`; 0 when there is
/// none, because the bytes are invalid, cut short or absent.
[[nodiscard]] std::size_t character_length(std::string_view text);

[[nodiscard]] bool valid(std::string_view text);

/// `text` with U+FFFD in place of each byte that belongs to no character.
[[nodiscard]] std::string repaired(std::string_view text);

} // namespace outrigger::utf8
