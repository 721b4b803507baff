// A tree and what writers need, and writing in one call.
#pragma once

#include "actors/os/files/file_writer.hpp"
#include "tests/os/file_tree.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace outrigger::os::test {

struct writer_fixture : file_tree {
  explicit writer_fixture(storage where = storage::disk);

  /// Begins, writes, commits.
  [[nodiscard]] result<file_info> write(const root_dir& where,
                                        std::string_view path,
                                        std::string_view bytes,
                                        const write_options& options = {});
  [[nodiscard]] result<file_info> write(std::string_view path,
                                        std::string_view bytes,
                                        const write_options& options = {}) {
    return write(workspace, path, bytes, options);
  }

  /// What a file has as its version now.
  [[nodiscard]] std::string version(std::string_view path) const;

  root_dir workspace = root();
  std::string pending_path = (*this)("pending");
  std::unique_ptr<pending_files> pending;
};

} // namespace outrigger::os::test
