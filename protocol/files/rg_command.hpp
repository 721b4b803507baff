// How ripgrep is asked, and what it says when it will not: a fixed list of
// arguments, no shell. What it prints is read by rg_output.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/files/search_request.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// The arguments, beginning with the program's own name, for a search of the
/// folder it is started in, or of the one file `name` in that. Of what the
/// filter leaves out, ripgrep is told what it sees the same way; the rest is
/// dropped from its results, so it may find more than is asked for.
[[nodiscard]] std::vector<std::string>
rg_arguments(const search_request& request, std::string_view program,
             std::string_view name);

/// Why ripgrep did not take the pattern, from what it wrote to stderr. Null
/// when it failed for another reason.
[[nodiscard]] std::optional<error> pattern_complaint(std::string_view written);

/// "ripgrep 13.0.0" of what `rg --version` printed; empty when that was
/// something else.
[[nodiscard]] std::string rg_version(std::string_view printed);

} // namespace outrigger
