// FOLDER SCAN: goes through folders in steps, and has each watched before it
// is read: what comes into it later is told by the watch, what was there
// before is found. So nothing falls between.
//
//   step (pool thread) ─► rows ─► whoever keeps the tree (loop)
//
// Follows no link, and opens a folder only in a folder that is open. Leaves
// out what its filter does, what is kept closed, and file systems that are
// made up by the kernel. Used by one thread at a time.
#pragma once

#include "actors/os/files/file_info.hpp"
#include "actors/os/files/folder_names.hpp"
#include "actors/os/files/inotify_queue.hpp"
#include "actors/os/files/root_dir.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

/// Decides which entries a watch leaves out. Asked by any thread, by several
/// at a time.
class watch_filter {
public:
  virtual ~watch_filter() = default;
  /// `folder` is below the watched one, "" for itself.
  [[nodiscard]] virtual bool leaves_out(std::string_view folder,
                                        std::string_view name) const = 0;
  /// Whether the answer depends on the folder, and so changes when that is
  /// moved.
  [[nodiscard]] virtual bool looks_at_folders() const { return false; }
};

/// A folder on the disk: below a root, by names without links.
struct folder_place {
  root_dir base;
  std::string path; // "" is the root itself

  /// Absolute.
  [[nodiscard]] std::string real_path() const;
};

/// The folder, opened for reading, if it is where its path says; the root may
/// be another one by now. ENOENT: it was moved or removed, or a link is on the
/// way by now.
[[nodiscard]] result<unique_fd> open_folder(const folder_place& place);

/// Whether an error says that there is no (such) folder.
[[nodiscard]] bool is_away(int error);

/// Another folder at the same place has another one.
[[nodiscard]] std::uint64_t identity_of(const file_info& folder);

/// What a scan found, in the order it went: a folder's row comes before those
/// of its entries, which are one deeper.
class scan_rows {
public:
  struct row {
    std::uint32_t depth = 0; // 0: a start
    bool is_folder = true;
    int watch = -1;              // of a folder that is watched
    int error = 0;               // errno of one that is not
    std::uint64_t print = 0;     // of content and identity, if asked for; of a
                                 // folder, the identity
    std::uint32_t name_at = 0;   // in the names
    std::uint32_t name_size = 0; // 0: a start that is the watched folder
  };

  void add(row what, std::string_view name);
  [[nodiscard]] const std::vector<row>& all() const { return rows_; }
  [[nodiscard]] std::string_view name(const row& of) const {
    return std::string_view{names_}.substr(of.name_at, of.name_size);
  }
  void clear();

private:
  std::vector<row> rows_;
  std::string names_;
};

class folder_scan {
public:
  /// An entry to begin with: `name` in `folder`, which is below the watched
  /// one. An empty name is the watched folder itself.
  struct start {
    std::string folder;
    std::string name;
    /// The folder's watch, if it has one. ESTALE: another is in its place, or
    /// none. The other's watch is the row's, to be let go.
    int within = -1;
  };
  struct options {
    inotify_queue* queue = nullptr; // null: watches nothing
    bool entries = false;           // rows for what is no folder, too
    bool prints = false;
    bool deep = true; // goes into the folders it begins with
  };

  folder_scan(folder_place top, std::shared_ptr<const watch_filter> filter,
              options wanted, std::vector<start> starts);

  /// Works for about so long. False when all is done. Every start has a row,
  /// with an error if it is not there (any more).
  [[nodiscard]] bool step(scan_rows& rows, std::chrono::milliseconds budget);

  /// Whether one of the starts could have had a watch more; only without a
  /// queue to put watches into.
  void probe_with(inotify_queue* queue) { probe_ = queue; }
  [[nodiscard]] bool has_room() const { return has_room_; }

  /// Whether folders were moved meanwhile so that they were not found again.
  [[nodiscard]] bool has_missed() const { return has_missed_; }

private:
  struct level {
    unique_fd fd; // none: closed for a while, and `was` tells which it was
    folder_names names;
    std::size_t next = 0;      // of names
    std::size_t path_size = 0; // of the folder's path
    std::uint64_t device = 0;
    file_info was = {};
  };
  void begin(const start& at, scan_rows& rows);
  void visit(result<unique_fd> opened, std::string_view name, scan_rows& rows);
  void go_on(scan_rows& rows);
  bool reopen(level& in);
  void close_outer();
  [[nodiscard]] folder_place place_of(std::string_view path) const;
  [[nodiscard]] bool is_wanted(const level& in, std::string_view name) const;
  [[nodiscard]] bool is_closed() const;

  folder_place top_;
  std::shared_ptr<const watch_filter> filter_;
  options wanted_;
  std::vector<start> starts_;
  std::size_t next_start_ = 0;
  bool guarded_ = false; // something in there is kept closed
  std::string path_;     // below the watched folder, of the innermost level
  std::vector<level> levels_;
  std::size_t first_open_ = 0;
  inotify_queue* probe_ = nullptr;
  bool has_room_ = false;
  bool has_missed_ = false;
};

} // namespace outrigger::os
