// ROOT DIRECTORY: the one door to the files of a workspace. Nothing else in
// the program opens them, and tools/check-layers sees to it.
//
//   path below the root ─► openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
//                          └─ or, where that is not there: a walk that opens
//                             one component at a time and follows no link
//                             without looking where it leads
//
// What a path leads to is decided by the kernel while it opens it, so nobody
// who swaps a folder for a link meanwhile gets anything outside. Links inside
// the root are followed, but for absolute ones and those of /proc.
//
// Made at the start; used by any number of threads at the same time.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

/// How paths are resolved. `walk` costs a few system calls per component.
enum class path_resolver { openat2, walk };

/// The best this kernel lets us have; old ones and some containers' filters
/// have no openat2. Asked once, at the start.
[[nodiscard]] path_resolver choose_resolver();

/// The longest path taken, in bytes, as the kernel's own limit.
inline constexpr std::size_t max_path = 4095;

class root_dir {
public:
  /// An absolute path to a directory.
  static result<root_dir> open(const std::string& path, path_resolver how);

  /// The directory's own path, without links; "/" or without a slash at its
  /// end. As it was when it was opened.
  [[nodiscard]] const std::string& path() const noexcept { return *path_; }
  [[nodiscard]] path_resolver resolver() const noexcept { return how_; }

  /// Whether its path still leads to it: it may have been moved or removed, and
  /// another made in its place.
  [[nodiscard]] bool is_current() const;

  /// The directory that is at the path now, with the same kept closed.
  [[nodiscard]] result<root_dir> again() const;

  /// Trees and files, by their paths without links, that nobody gets through
  /// this door, such as the daemon's own secrets: EACCES. For the time before
  /// the root is used.
  void keep_closed(std::vector<std::string> paths);

  // Paths below are relative to the root, without a slash at the start; "" is
  // the root itself. "." and ".." are understood, and "..", like a link, may
  // lead anywhere inside. Errors: EXDEV what would lead outside; ELOOP a link
  // of /proc, or too many; EACCES what is kept closed; EINVAL a NUL or an
  // absolute path; ENAMETOOLONG; EAGAIN when others kept renaming on the way;
  // and what open(2) says.

  /// THE function that opens a file. `flags` as for open(2), close-on-exec
  /// added; none that creates or truncates.
  [[nodiscard]] result<unique_fd> open(std::string_view path, int flags) const;

  /// The same if it can be done from the kernel's memory, without the disk and
  /// without waiting; else EAGAIN, as always for what is mounted below the
  /// root, and where opening may ask a program or a network. For the loop's
  /// thread.
  [[nodiscard]] result<unique_fd> open_cached(std::string_view path,
                                              int flags) const;

  /// An entry's place: the folder it is in, open (O_PATH), and its name there,
  /// for renameat, unlinkat and so on, which follow no link in a last name.
  /// The entry need not exist. EINVAL: the path has no last name, as the root.
  struct place {
    unique_fd folder;
    std::string name; // one component: neither empty nor "." nor ".."
    /// The folder's path below the root, without links.
    std::string folder_path;
  };
  [[nodiscard]] result<place> find(std::string_view path) const;

  /// Whether the entry at `path` is kept closed; and whether it is, or anything
  /// in it. `path` is below the root and without links, as in a place. To be
  /// asked by who walks trees by descriptors, which no longer come through
  /// this door, and before a whole tree is moved, copied or removed: what is
  /// kept closed is known by its path.
  [[nodiscard]] bool is_closed(std::string_view path) const;
  [[nodiscard]] bool has_closed(std::string_view path) const;

  /// A folder below as a root of its own: nothing beside it can be reached
  /// through that, links within the wider root included.
  [[nodiscard]] result<root_dir> narrow(std::string_view folder) const;

private:
  root_dir() = default;
  [[nodiscard]] bool is_closed_path(const std::string& real) const;
  [[nodiscard]] std::error_code check(const unique_fd& opened) const;

  std::shared_ptr<const unique_fd> fd_; // O_PATH
  std::shared_ptr<const std::string> path_;
  std::shared_ptr<const std::vector<std::string>> closed_; // may be null
  path_resolver how_ = path_resolver::openat2;
  bool has_cache_ = false; // open_cached() may do something
};

/// An entry of a folder that is open. No link is followed: ELOOP. `name` is
/// one component.
[[nodiscard]] result<unique_fd> open_entry(int folder, const std::string& name,
                                           int flags);

/// What `fd` (O_PATH) stands for, opened for more: the very same file, wherever
/// its name leads by now. Not for links.
[[nodiscard]] result<unique_fd> reopen(int fd, int flags);

/// A new file in a folder that is open, to be written: EEXIST.
[[nodiscard]] result<unique_fd>
create_entry(int folder, const std::string& name, mode_t mode);

/// A new file without a name (O_TMPFILE), to be written and read. EOPNOTSUPP
/// where the file system has no such files.
[[nodiscard]] result<unique_fd> create_unnamed(int folder, mode_t mode);

/// Where an open descriptor leads now: an absolute path without links. A file
/// that was deleted: ENOENT.
[[nodiscard]] result<std::string> path_of(int fd);

} // namespace outrigger::os
