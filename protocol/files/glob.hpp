// Wildcards of shells and of git: `*`, `?`, `[a-z]`, `[!a-z]` or `[^a-z]`,
// `[[:alpha:]]`, and a backslash before what is meant as itself. Bytes, case
// sensitive. Time is at most the product of the two lengths, whatever the
// pattern. One that is malformed (`[a`, a backslash at the end) matches
// nothing.

#pragma once

#include <string_view>

namespace outrigger {

/// Whether the whole of `text` is like `pattern`. No character is special in
/// the text: `*` matches slashes, and leading dots, too.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);

/// The same for paths: only `**` as a whole component matches slashes.
///
///   a/**       whatever is below a
///   **/a       a, in any folder or none
///   a/**/b     a/b, a/x/b, a/x/y/b
[[nodiscard]] bool glob_match_path(std::string_view pattern,
                                   std::string_view path);

} // namespace outrigger
