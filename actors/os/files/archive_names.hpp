// Names in archives come from outside: which of them may become files below a
// folder, and where the links may lead.
#pragma once

#include "actors/os/files/archive_complaint.hpp"
#include "actors/os/files/archive_limits.hpp"
#include "actors/os/files/numbered_name.hpp"
#include "actors/os/result.hpp"

#include <string>
#include <string_view>

namespace outrigger::os {

/// The path of a member below the folder it is unpacked to, without "." and
/// double slashes; "" is the folder itself ("./"). Refused: absolute names,
/// "..", NUL, backslashes (separators elsewhere), empty and long ones. Names
/// are bytes: they need not be UTF-8.
[[nodiscard]] result<std::string> path_of_member(std::string_view name,
                                                 const archive_limits& limits,
                                                 archive_complaint& complaint);

/// Whether a link at `path`, as above, may have this target: relative, with
/// ".." at its start only and no more of them than lead to the folder itself.
///
/// That is enough: no link is in a path on which another one is made, so ".."
/// at the start climb through real folders and stay inside; and names that
/// follow may go through other links, for which the same holds. A ".." behind
/// a name would climb from wherever a link of that name leads.
[[nodiscard]] std::error_code check_link(std::string_view path,
                                         std::string_view target,
                                         archive_complaint& complaint);

} // namespace outrigger::os
