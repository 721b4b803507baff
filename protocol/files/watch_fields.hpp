// Fields that more than one message about watchers has. For protocol/*.cpp.

#pragma once

#include "protocol/json.hpp"

namespace outrigger {

/// `excludes` or `exclude`, an array or one string.
[[nodiscard]] result<std::vector<std::string>>
read_excludes(const json::fields& in);

} // namespace outrigger
