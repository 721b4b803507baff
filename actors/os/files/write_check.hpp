// Whether a file may be written now, and the lock under which that is asked
// and done, so that of two writers who expect the same version one is told.
#pragma once

#include "actors/os/files/file_writer.hpp"

#include <mutex>
#include <optional>

namespace outrigger::os {

/// A file on its place, links followed.
struct located_file {
  root_dir::place place;
  std::optional<file_info> info; // null: it does not exist
};

/// Finds the file a path leads to: the last name may be a link, and what that
/// leads to another, up to 8. EXDEV: out of the root; EISDIR; errc::not_a_file.
/// `create`: folders on the way are made.
[[nodiscard]] result<located_file> locate_file(const root_dir& root,
                                               std::string_view path,
                                               bool create, bool durable);

/// Looks at the place again. EAGAIN: it is a link by now.
[[nodiscard]] result<std::optional<file_info>>
look_again(const root_dir::place& place);

/// `current` null: it does not exist.
[[nodiscard]] std::error_code check(const write_condition& condition,
                                    const std::optional<file_info>& current);

/// Held from the check of a condition to the change, of files that are written
/// to one place. For moments.
class change_lock {
public:
  explicit change_lock(const root_dir::place& place);

  /// Sees to it that the file's time of change is one that no file got by this
  /// before, nor `old`, the one it had: inodes are used again at once, and the
  /// kernel's clock may tick in milliseconds, so that without it a version
  /// could come back.
  static void stamp(int fd, std::int64_t old = 0);

private:
  std::lock_guard<std::mutex> guard_;
};

} // namespace outrigger::os
