// What a file is called when its own name is taken and must not be replaced.
#pragma once

#include <string>
#include <string_view>

namespace outrigger::os {

/// "stem_1.ext" for a name that is taken; the ending is what follows the last
/// dot, but for one at the start. At most 255 bytes.
[[nodiscard]] std::string numbered_name(std::string_view name, unsigned number);

} // namespace outrigger::os
