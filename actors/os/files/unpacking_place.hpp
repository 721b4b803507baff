// UNPACKING PLACE: puts an unpacked tree where it belongs, when it is complete.
//
//   a destination that does not exist: the tree takes its name, at once
//   one that does: every name is looked at, and when nothing is in the way,
//     entries are renamed into it one by one; folders that are new as a whole
#pragma once

#include "actors/os/files/unpacked_tree.hpp"

#include <functional>

namespace outrigger::os {

/// What happens to files and links of the archive whose names are taken by
/// files and links in the destination.
enum class if_taken {
  overwrite, // theirs are replaced; links themselves, not what they lead to
  reject,    // nothing happens at all: EEXIST
  rename,    // ours become "stem_1.ext", "stem_2.ext", …
};

/// Told of each that got another name; both are paths below the destination.
using on_renamed =
    std::function<void(const std::string& path, const std::string& placed)>;

/// Errors have a complaint. What is in the way is EEXIST: a folder where the
/// archive has a file, or anything else where it has a folder, links included.
/// These are found before the first change; what somebody puts in the way
/// after that ends it in the middle.
[[nodiscard]] std::error_code
put_in_place(unpacked_tree& tree, const unpack_target& target, if_taken policy,
             const on_renamed& renamed, archive_complaint& complaint);

} // namespace outrigger::os
