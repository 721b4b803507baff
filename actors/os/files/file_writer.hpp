// Writing a file so that everyone sees the old content or the new, never a
// part: into a file without a name, which takes the place of the old one when
// it is whole.
//
//   begin ─► write … ─► commit
//              └─ destroyed before that: nothing has happened
//
// Blocks: for the worker pool, one thread at a time.
#pragma once

#include "actors/os/files/file_info.hpp"
#include "actors/os/files/pending_files.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace outrigger::os {

/// What must hold of the target at the moment it is replaced.
struct write_condition {
  /// It must not exist: EEXIST.
  bool only_new = false;
  /// It must exist: ENOENT, or errc::changed when a version is named too.
  bool only_existing = false;
  /// It must have one of these versions (version_of); none: any.
  std::vector<std::string> versions;
  /// It must have none of these.
  std::vector<std::string> not_versions;
};

struct write_options {
  /// Permission bits of a new file, less the umask. One that is replaced keeps
  /// its own, its owner, its access list and its user's extended attributes,
  /// as far as we may set them, but for set-user-ID and set-group-ID; a mode
  /// given here is then ignored.
  mode_t mode = 0644;
  /// What is made stays, also when nothing is written in the end.
  bool create_folders = false;
  bool durable = false; // on the disk before commit() returns
  /// With only_new: when the name is taken at commit(), the file gets a free
  /// one, "stem_1.ext", instead of EEXIST.
  bool number_if_taken = false;
  write_condition condition;
};

class file_writer {
public:
  /// Looks at the target and opens the new file beside it. A link is followed
  /// and stays; what it leads to is replaced. `pending` outlives this.
  /// Errors: those of root_dir, errc::changed, EISDIR, errc::not_a_file,
  /// EACCES also when the target itself may not be written, ENOSPC, EROFS, ….
  static result<file_writer> begin(const root_dir& root, std::string_view path,
                                   const write_options& options,
                                   pending_files& pending);
  file_writer(file_writer&&) noexcept;
  file_writer& operator=(file_writer&&) noexcept;
  ~file_writer(); // uncommitted: leaves nothing behind

  /// Appends to the new content.
  [[nodiscard]] std::error_code write(std::string_view bytes);

  [[nodiscard]] std::uint64_t written() const noexcept;

  /// Puts the new file in its place. Once; after a failure there is nothing
  /// left of it, and the old one is there, but for one case: a durable one
  /// whose name could not be brought to the disk. Not seen by others before.
  /// EAGAIN: the target became a link meanwhile.
  [[nodiscard]] result<file_info> commit();

  /// The last name of the target; of what it became, after commit().
  [[nodiscard]] const std::string& name() const noexcept;

  /// Whether the target existed at begin().
  [[nodiscard]] bool replaces() const noexcept;

private:
  struct state;
  explicit file_writer(std::unique_ptr<state> s) noexcept;
  std::unique_ptr<state> state_;
};

} // namespace outrigger::os
