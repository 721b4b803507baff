// FILE FAULTS: what can be wrong with a file or a path, and what each dialect
// calls it. One table; the kernel's errors are mapped to faults in
// actors/files/faults.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

/// One row of the table.
struct fault_names {
  file_fault fault;
  errc code;                // its HTTP status and the terminals dialect's code
  std::string_view runtime; // /api/v1, "FILE_NOT_FOUND"
  std::string_view channel; // the workspace socket's files channel, "NOT_FOUND"
  std::string_view sentence; // "file not found"
};

[[nodiscard]] std::span<const fault_names> file_faults();

/// The row of a fault; of none, that of io.
[[nodiscard]] const fault_names& names_of(file_fault fault);

/// "<sentence>: <path>" with the row's code; `why` in parentheses behind it
/// when there is more to say. `path` is the client's own spelling.
[[nodiscard]] error file_error(file_fault fault, std::string_view path,
                               std::string_view why = {});

} // namespace outrigger
