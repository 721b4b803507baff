// The paths clients send, brought into one form. What a path leads to is for
// the kernel to say (actors/os/files/root_dir); this is only about names.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

/// "/a/b": absolute, without empty, "." or ".." segments and without a slash
/// at its end; "/" for the top. What does not begin with a slash is taken from
/// the top too. ".." is resolved by name. Faults: invalid_path (a NUL, not
/// UTF-8, over 4,095 bytes, a name over 255), outside (".." above the top).
[[nodiscard]] result<std::string> normalise_path(std::string_view path);

/// What is left of a normalised path below a normalised folder, without a
/// slash at the start: "b" of "/a/b" below "/a", "" of the folder itself. Null
/// when it is elsewhere. By whole segments: "/root-secret" is not below
/// "/root". Borrows `path`.
[[nodiscard]] std::optional<std::string_view> below(std::string_view path,
                                                    std::string_view folder);

/// A normalised path with a name, or several, behind it.
[[nodiscard]] std::string join_path(std::string_view folder,
                                    std::string_view rest);

/// The last segment; "" of "/".
[[nodiscard]] std::string_view name_of(std::string_view path);

/// What is above; "/" of "/a" and of "/".
[[nodiscard]] std::string_view folder_of(std::string_view path);

/// ".go" of "server.go": from the last dot on, if it is not the first
/// character. Empty without one.
[[nodiscard]] std::string_view extension_of(std::string_view name);

} // namespace outrigger
