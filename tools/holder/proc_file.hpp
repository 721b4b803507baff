// Reading the small files of /proc and of cgroups.
#pragma once

#include <cstddef>
#include <string>

namespace outrigger::holder {

/// The content of a file, at most `limit` bytes; "" when it is not readable.
std::string read_proc(const std::string& path,
                      std::size_t limit = std::size_t{256} << 10);

} // namespace outrigger::holder
