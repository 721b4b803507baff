// ARCHIVE READER: unpacks an archive into a folder, all of it or nothing.
//
//   open ─► step … step ─► finish
//             │               └─ looks for what is in the way, then puts it in
//             │                  place: by one rename, or into a folder that
//             │                  exists (unpacking_place)
//             └─ unpacks into a pending folder, a piece at a time
//
// The archive is a file, whole, because zip can only be read from its end, and
// because what arrives from a network is pushed while libarchive pulls: a
// thread that waits in between would cost more than a file without a name
// (open_spool), and memory stays the same whatever the size.
//
// tar, by itself or packed by gzip, bzip2, xz or zstd, and zip, told apart by
// their content. Taken: files, folders and links, with the modes of files and
// folders (less the umask) and the times of files; owners, set-user-id bits,
// attributes and so on are not. Folders can always be entered and written by
// their owner.
//
// Refused as a whole, with a complaint that names the entry: names that are
// absolute or lead outside by "..", with NUL, backslash or nothing in them;
// hard links, devices, FIFOs; links that are absolute or may lead outside
// (archive_names); anything twice, below a file or below a link; what is over
// the limits; what is encrypted, damaged, or cut off. Links are fine otherwise:
// workspaces are full of them. They are made last.
//
// Destroyed before the end, or after an error, it leaves nothing behind, and
// neither does a daemon that is killed (pending_files): removing what was
// unpacked so far takes up to a second. Blocks: for the worker pool, one thread
// at a time; each step() is some milliseconds of work, finish() one rename, or
// up to a second for 50,000 of them.
#pragma once

#include "actors/os/files/archive_limits.hpp"
#include "actors/os/files/unpacking_place.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

struct extract_options {
  archive_limits limits;
  if_taken policy = if_taken::overwrite;
  /// Names told in the end.
  std::size_t max_listed = 1000;
};

struct extract_progress {
  std::uint64_t members = 0; // files, folders and links so far
  std::uint64_t bytes = 0;   // of files, written
  std::uint64_t read = 0;    // bytes of the archive, about
  std::uint64_t size = 0;    // of the archive
  bool done = false;         // it is time for finish()
};

struct extracted_file {
  std::string path; // below the destination; a link has size 0
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
};

struct extracted {
  std::uint64_t files = 0;            // and links
  std::uint64_t bytes = 0;            // of files
  std::vector<extracted_file> listed; // the first of them, in order of paths
};

class archive_reader {
public:
  /// `destination`: a folder, which need not exist, nor the folders it is in.
  /// Errors are the destination's: those of root_dir, ENOTDIR, EACCES, …;
  /// errc::not_a_file: the archive is none. `pending` outlives this.
  static result<archive_reader> open(unique_fd archive, const root_dir& root,
                                     std::string_view destination,
                                     const extract_options& options,
                                     pending_files& pending);
  archive_reader(archive_reader&&) noexcept;
  archive_reader& operator=(archive_reader&&) noexcept;
  ~archive_reader();

  /// Unpacks a bit more, until it is done. errc::bad_archive, archive_limit,
  /// or the kernel's (ENOSPC): final, and with a complaint.
  [[nodiscard]] result<extract_progress> step();

  /// When it is done: puts everything in place. EEXIST: something is in the
  /// way. Once.
  [[nodiscard]] result<extracted> finish();

  /// Why it was refused, as a sentence without a full stop; "" before.
  [[nodiscard]] const std::string& complaint() const noexcept;

private:
  struct state;
  explicit archive_reader(std::unique_ptr<state> s) noexcept;
  std::unique_ptr<state> state_;
};

/// A file without a name to hold an archive that arrives, on the file system
/// where it will be unpacked.
[[nodiscard]] result<unique_fd> open_spool(const root_dir& root,
                                           std::string_view destination,
                                           pending_files& pending);

} // namespace outrigger::os
