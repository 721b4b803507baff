// Where a program is, as a shell would find it.
#pragma once

#include <string>
#include <string_view>

namespace outrigger::os {

/// The absolute path of the first regular file of this name that we may run in
/// the folders of `path`, which is as the variable PATH has it. Folders that
/// are not absolute are passed over. Empty: there is none. Blocks, for as long
/// as a few status calls take; any thread.
[[nodiscard]] std::string find_program(std::string_view name,
                                       std::string_view path);

} // namespace outrigger::os
