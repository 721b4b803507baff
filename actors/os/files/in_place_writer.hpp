// Writing into a file itself, at its end or at an offset. Readers may see a
// part.
//
//   write … ─► commit
//     └─ destroyed before that: what was appended is taken back, and a file
//        that was made for it removed; what was written at an offset stays,
//        so that it can be gone on with
//
// Nothing is taken back when others have appended behind it. Blocks: for the
// worker pool, one thread at a time.
#pragma once

#include "actors/os/files/file_writer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace outrigger::os {

struct ranged_write {
  /// Null: at the file's end. Beyond the end there are zeros in between.
  std::optional<std::uint64_t> offset;
  bool durable = false; // on the disk before commit() returns
  bool create = false;  // with `mode` and folders, if it is not there
  mode_t mode = 0644;
  bool create_folders = false;
  write_condition condition; // when the first bytes are written
};

class in_place_writer {
public:
  in_place_writer(root_dir root, std::string path, ranged_write options);
  in_place_writer(in_place_writer&&) noexcept;
  in_place_writer& operator=(in_place_writer&&) noexcept;
  ~in_place_writer();

  /// Writes what comes next. The first one opens the file. EAGAIN: others
  /// replaced it since; else as file_writer::begin().
  [[nodiscard]] std::error_code write(std::string_view bytes);

  /// Once. A file nothing was written to is made all the same.
  [[nodiscard]] result<file_info> commit();

  /// Whether the file was made by this.
  [[nodiscard]] bool made() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// All of it at once.
[[nodiscard]] result<file_info> write_in_place(const root_dir& root,
                                               std::string_view path,
                                               std::string_view bytes,
                                               const ranged_write& options);

} // namespace outrigger::os
