// Copying a file, a link or a tree by descriptors. Follows no link. Blocks:
// for the worker pool.
#pragma once

#include "actors/os/files/file_change.hpp"

#include <stop_token>
#include <string>

namespace outrigger::os {

/// Who owns the copy, and has the extended attributes.
enum class ownership {
  ours, // and it has none
  kept, // as far as we may
};

/// Copies the entry `name` of the folder `from` to the folder `to`, under the
/// name `as`, which nobody has. What goes while it is copied is left out, but
/// for the entry itself. After an error there is a part: the caller removes
/// it. EINVAL: the copy would be in itself.
[[nodiscard]] result<copied> copy_tree(int from, const std::string& name,
                                       int to, const std::string& as,
                                       ownership owner, std::stop_token stop);

/// Copies what is in a file into another, empty one; holes stay holes. Returns
/// its size.
[[nodiscard]] result<std::uint64_t> copy_content(int from, int to,
                                                 const std::stop_token& stop);

} // namespace outrigger::os
