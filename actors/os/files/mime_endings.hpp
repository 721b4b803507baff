// MIME types that a file's name tells better than its content.
#pragma once

#include <string_view>

namespace outrigger::os {

/// Of a text file by its name, such as "text/x-python"; empty when the name
/// says nothing. Endings are compared without case.
[[nodiscard]] std::string_view text_type_of(std::string_view name);

/// Of any other file, for contents nobody recognises; empty as above.
[[nodiscard]] std::string_view binary_type_of(std::string_view name);

} // namespace outrigger::os
