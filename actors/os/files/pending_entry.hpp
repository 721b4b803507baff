// PENDING ENTRY: a file or folder beside the name it is to get, under a name
// for a moment that is noted, until it is complete.
//
//   make ─► somebody creates it under name() ─► take_name() or replace()
//             └─ destroyed before that: it is removed, with all that is in it
#pragma once

#include "actors/os/files/pending_files.hpp"
#include "actors/os/files/root_dir.hpp"

#include <string>
#include <utility>

namespace outrigger::os {

class pending_entry {
public:
  /// Chooses a name and notes it. `target.folder` outlives this.
  static result<pending_entry> make(const root_dir& root,
                                    const root_dir::place& target,
                                    pending_files& pending);
  pending_entry(pending_entry&& other) noexcept;
  pending_entry& operator=(pending_entry&&) = delete;
  ~pending_entry();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Another name in the same folder as the target.
  void aim_at(std::string name) noexcept { target_ = std::move(name); }

  /// It gets the target's name if that is free: EEXIST.
  [[nodiscard]] std::error_code take_name();
  /// It gets the target's name, whoever has it.
  [[nodiscard]] std::error_code replace();
  /// It gets the target's name, and what had it gets this one's: it is removed
  /// when this ends.
  [[nodiscard]] std::error_code displace();

private:
  pending_entry(int folder, std::string name, std::string target,
                pending_files::note note) noexcept;
  std::error_code renamed(std::error_code error) noexcept;

  int folder_;
  std::string name_; // empty: nothing to be removed
  std::string target_;
  pending_files::note note_; // forgotten after the entry is gone
};

} // namespace outrigger::os
