// WORKSPACE: the folders clients may reach, and what a client's path means in
// them for the credential that came with it.
//
//   path, dialect's style, scopes ─► locate ─► root_dir, path below it
//
// Made at the start; used by any thread. Containment is the
// kernel's work (actors/os/files/root_dir): a credential for one folder gets
// that folder as its root, so that no link leads it out either.

#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "actors/os/files/root_dir.hpp"
#include "protocol/result.hpp"
#include "protocol/scopes.hpp"

namespace outrigger {

/// How a dialect writes paths.
enum class path_style : std::uint8_t {
  /// Absolute ones of the machine; relative ones begin at the workspace, "~" at
  /// the home directory. "" and "/" are the workspace unless the whole machine
  /// is served.
  machine,
  /// All begin at the workspace, with a slash in front or without.
  workspace,
};

/// A path that was understood, and that the credential may use.
struct file_place {
  os::root_dir root;    // the narrowest folder that holds all it may reach
  std::string path;     // below `root`; "" is the root itself
  std::string shown;    // normalised, as answers in this style show it
  std::string spelling; // as the client wrote it, for errors
  bool is_root = false; // one of the workspace's own folders: never removed,
                        // moved or replaced

  /// Where an entry below is shown.
  [[nodiscard]] std::string shown_below(std::string_view rest) const;
};

class workspace {
public:
  struct setup {
    std::string root;               // the workspace directory, absolute
    std::vector<std::string> roots; // more folders, absolute
    std::string everything; // --fs-root: "/" serves the whole machine; or ""
    std::string home;       // what "~" means
    /// The daemon's own files and folders, absolute: nobody gets at them.
    std::vector<std::string> closed;
  };

  /// Fails with a sentence when one of the folders is not there.
  [[nodiscard]] static result<workspace> open(const setup& wanted);

  /// Faults: those of normalise_path; outside, of every root; denied or
  /// read_only, by the scopes.
  [[nodiscard]] result<file_place> locate(std::string_view path,
                                          path_style style,
                                          const scope_set& scopes,
                                          right wanted) const;

  /// Whether an entry may go: removed, moved away or replaced as a whole. Not
  /// the roots and what they are in, the daemon's own, and the system's
  /// directories. Fault: denied.
  [[nodiscard]] result<void> check_removable(const file_place& place) const;

  /// The workspace directory.
  [[nodiscard]] os::root_dir main() const { return roots_[0].current(); }

  /// All of them, the workspace directory first.
  [[nodiscard]] std::vector<os::root_dir> root_dirs() const;

  /// Where a path of the machine, without links, is shown in the workspace's
  /// own style; empty when it is not in the workspace directory.
  [[nodiscard]] std::string in_workspace(std::string_view real_path) const;

private:
  /// A folder may be moved or removed and made again while we run: its path is
  /// what counts, looked at once a second at most.
  class root {
  public:
    root(os::root_dir dir, std::string given, std::vector<std::string> closed);
    [[nodiscard]] os::root_dir current() const;
    [[nodiscard]] const std::string& given() const { return state_->given; }
    [[nodiscard]] const std::string& real() const { return state_->real; }

  private:
    struct state {
      std::string given; // as configured, normalised
      std::string real;  // without links, when it was opened first
      std::vector<std::string> closed;
      std::mutex lock; // of what follows; held for a system call or two
      os::root_dir dir;
      std::chrono::steady_clock::time_point looked_at;
    };
    std::shared_ptr<state> state_;
  };
  struct candidate {
    const root* where = nullptr;
    std::string rest; // below it
    std::string top;  // how the root was called in the path
  };
  [[nodiscard]] result<candidate> find(std::string_view path,
                                       path_style style) const;

  std::vector<root> roots_; // the workspace directory first
  bool whole_machine_ = false;
  std::string home_;
};

} // namespace outrigger
