// TREE WALK: the entries below a folder, one after another: folders first,
// then by name, each folder's content right behind it. Holds the names of the
// folders it is in and nothing else, so that a tree of any size can be
// streamed. Follows no link. Blocks: for the worker pool.
#pragma once

#include "actors/os/files/file_info.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

/// Decides what a walk leaves out, beside what the root keeps closed, which is
/// never in one. Called in the order of the walk.
class walk_filter {
public:
  virtual ~walk_filter() = default;

  /// Reads a file of the folder being entered, such as .gitignore; null when
  /// there is none or it is no regular file of at most 1 MiB.
  using reader =
      std::function<std::optional<std::string>(const std::string& name)>;

  /// A folder is entered. `path` is below the walk's root, "" at first.
  virtual void enter(std::string_view path, const reader& read) = 0;
  /// The folder entered last has been left.
  virtual void leave() = 0;
  /// Whether the entry is shown, and a folder entered. `path` is below the
  /// walk's root.
  [[nodiscard]] virtual bool wants(std::string_view path, bool is_folder) = 0;
};

struct walk_options {
  /// 1: only what is in the folder itself.
  std::size_t max_depth = 64;
  /// Without sizes and times: a system call less for each entry.
  bool light = false;
  /// In order of the names in lower case (ASCII), as some dialects show them.
  bool fold_case = false;
  /// Descriptors held open at a time: of folders further out the walk knows
  /// the path only, and goes on in them if they are still there.
  std::size_t max_open = 64;
  /// Memory for the names of the folders the walk is in, in bytes: they are
  /// held to be put in order. A folder that would need more is passed over.
  std::size_t max_names = 64 * 1024 * 1024;
};

struct walk_entry {
  std::string path;      // below the walk's root
  std::size_t depth = 1; // 1: directly in the root
  file_info info;        // its kind only, if light
  int folder = -1;       // the folder it is in, open while this entry is the
                         // current one
  /// The name within `folder`: the last component of path.
  [[nodiscard]] std::string name() const {
    return path.substr(path.rfind('/') + 1);
  }
};

class tree_walk {
public:
  /// `filter` may be null and must outlive the walk. ENOTDIR: not a folder;
  /// EFBIG: more in it than `max_names`.
  static result<tree_walk> begin(const root_dir& root, std::string_view folder,
                                 const walk_options& options,
                                 walk_filter* filter);
  tree_walk(tree_walk&&) noexcept;
  tree_walk& operator=(tree_walk&&) noexcept;
  ~tree_walk();

  /// The next entry; null at the end. Valid until the next call. Folders that
  /// cannot be read, or went meanwhile, are passed over and counted.
  [[nodiscard]] const walk_entry* next();

  /// Does not enter the folder that is the current entry.
  void skip_folder();

  /// Folders passed over so far.
  [[nodiscard]] std::size_t unreadable() const noexcept;

private:
  struct state;
  explicit tree_walk(std::unique_ptr<state> s) noexcept;
  std::unique_ptr<state> state_;
};

} // namespace outrigger::os
