// NEW FILE: a file that has no name while it is written, where the file system
// has such files, else a pending one.
//
//   create ─► fd() is written ─► take_name() or replace()
//               └─ destroyed before that: nothing is left of it
#pragma once

#include "actors/os/files/pending_entry.hpp"

#include <optional>

namespace outrigger::os {

class new_file {
public:
  /// In the folder of the name it is to get. `mode` less the umask.
  static result<new_file> create(const root_dir& root, root_dir::place target,
                                 mode_t mode, pending_files& pending);

  /// To be written and read.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] const root_dir::place& target() const noexcept {
    return target_;
  }

  /// Another name in the same folder as the target.
  void aim_at(const std::string& name) {
    target_.name = name;
    if (named_)
      named_->aim_at(name);
  }

  /// It gets the name if that is free: EEXIST, and may be tried again.
  [[nodiscard]] std::error_code take_name();
  /// It gets the name, whoever has it.
  [[nodiscard]] std::error_code replace();

private:
  new_file(root_dir root, root_dir::place target, pending_files& pending)
      : root_(std::move(root)), target_(std::move(target)), pending_(&pending) {
  }
  std::error_code link_to(const std::string& name) const;

  root_dir root_;
  root_dir::place target_;
  pending_files* pending_;
  unique_fd fd_;
  std::optional<pending_entry> named_; // goes before the folder is closed
};

} // namespace outrigger::os
