// What the kernel says about a file, as the faults every dialect has names
// for (protocol/files/file_fault). The one place where this is decided.

#pragma once

#include <string_view>
#include <system_error>

#include "protocol/files/file_fault.hpp"

namespace outrigger {

/// The fault of an error; io for what is nobody's fault but the disk's.
[[nodiscard]] file_fault fault_of(const std::error_code& what);

/// The error a client is told: `path` as the client wrote it.
[[nodiscard]] error to_error(const std::error_code& what,
                             std::string_view path);

} // namespace outrigger
