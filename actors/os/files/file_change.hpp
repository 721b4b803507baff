// Changes to the tree: making folders, moving, copying, removing. Blocks: for
// the worker pool. What takes long stops, with ECANCELED, soon after it is
// asked to.
#pragma once

#include "actors/os/files/file_info.hpp"
#include "actors/os/files/file_writer.hpp"
#include "actors/os/files/pending_files.hpp"

#include <cstdint>
#include <stop_token>
#include <string_view>

namespace outrigger::os {

/// Makes a folder. `parents`: those on the way too, and it may exist already;
/// else EEXIST. 0755 by default, less the umask.
[[nodiscard]] std::error_code make_folder(const root_dir& root,
                                          std::string_view path, bool parents,
                                          mode_t mode = 0755);

/// What happens when the target exists.
enum class if_exists {
  refuse,      // EEXIST
  replace,     // a file by a file, an empty folder by a folder, at once
  replace_all, // anything by anything, whole trees included, at once: what was
               // there is removed afterwards
};

/// Moves an entry; a link itself, not what it leads to. `create_folders`: those
/// the target is in. Into itself: EINVAL; onto itself it does nothing. Between
/// file systems it is copied, with its owner, to a name for a moment, put in
/// place and then removed, so that there is always one whole of it. A folder
/// with something in it that is kept closed stays where it is: EACCES; it is
/// not copied nor removed either.
[[nodiscard]] std::error_code
move_entry(const root_dir& from_root, std::string_view from,
           const root_dir& to_root, std::string_view to, if_exists policy,
           bool create_folders, pending_files& pending, std::stop_token stop);

struct copied {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};
/// Copies a file, a link, or a folder with all that is in it, of any depth;
/// modes and times are kept, owners, extended attributes, set-user-ID and
/// set-group-ID are not; FIFOs and devices are errc::not_a_file. Complete or
/// not at all: it gets its name when everything is there. What is removed
/// meanwhile is left out. Into or onto itself: EINVAL; with some hundreds of
/// thousands of folders side by side: EFBIG.
[[nodiscard]] result<copied>
copy_entry(const root_dir& from_root, std::string_view from,
           const root_dir& to_root, std::string_view to, if_exists policy,
           bool create_folders, pending_files& pending, std::stop_token stop);

/// Removes an entry; a link itself. A folder that is not empty needs
/// `recursive`: ENOTEMPTY. What others put into it meanwhile is removed as
/// well, a few times over. Returns how many entries went. What could not be
/// removed stays, and the first reason is the error. What does not fulfil
/// `condition` stays: errc::changed, and what else write_condition says.
[[nodiscard]] result<std::uint64_t>
remove_entry(const root_dir& root, std::string_view path, bool recursive,
             std::stop_token stop, const write_condition& condition = {});

} // namespace outrigger::os
