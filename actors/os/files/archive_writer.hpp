// ARCHIVE WRITER: files and folders as one tar.gz, a piece at a time and in
// constant memory, whatever their number and sizes.
//
//   tree_walk ─► tar_writer ─► gzip_stream ─► produce(), produce(), …, ""
//
// Follows no link while it walks: links are in the archive as what they are. A
// file that others write to meanwhile is as long as it was when it was opened:
// cut, or filled up with zeros, as tar does. A file that is there twice by hard
// links is in it twice. Blocks: for the worker pool, one thread at a time; each
// piece is some tens of milliseconds of work at the most.
#pragma once

#include "actors/os/files/root_dir.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

/// A file, a link or a folder. Its names in the archive begin with its own
/// ("/app/src": "src/…"); those of a path that ends in "/." with "./", as in
/// `tar -C folder .`, and so do those of a root itself when it has no name.
struct archive_source {
  root_dir root;
  std::string path; // below the root
};

struct archive_options {
  /// Left out, a folder with all that is in it; null: nothing. `path` is below
  /// the source. Sources themselves are not asked about.
  std::function<bool(std::string_view path, bool is_folder)> exclude;
};

/// What could not be put into the archive.
struct passed_over {
  std::string name;    // as it would have been there
  std::error_code why; // errc::not_a_file: a socket, a FIFO, a device
};
struct all_passed_over {
  std::uint64_t count = 0;
  std::vector<passed_over> first; // at most 100
};

class archive_writer {
public:
  /// Errors are the first source's that is not there or cannot be read. The
  /// same source twice is there once; different ones of one name get numbers.
  static result<archive_writer> begin(std::vector<archive_source> sources,
                                      archive_options options);
  archive_writer(archive_writer&&) noexcept;
  archive_writer& operator=(archive_writer&&) noexcept;
  ~archive_writer();

  /// The next bytes, 128 to 512 KiB, or fewer when they were hard to come by;
  /// "" at the end. A disk that fails in the middle of a file (EIO) is an error
  /// and final: what was produced so far is no archive.
  [[nodiscard]] result<std::string> produce();

  [[nodiscard]] const all_passed_over& left_out() const noexcept;

private:
  struct state;
  explicit archive_writer(std::unique_ptr<state> s) noexcept;
  std::unique_ptr<state> state_;
};

} // namespace outrigger::os
