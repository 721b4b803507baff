// UNPACKED TREE: an archive's content while it is being unpacked: a pending
// folder beside the destination, or in it if it exists already, so that what
// was unpacked can be renamed to where it belongs.
//
//   make ─► add_file, add_folder, add_link … ─► make_links ─► put_in_place
//             └─ destroyed: whatever is still here is removed
//
// Links are made when every file is there: nothing can be written through one.
// Until then an empty file has the name. The tree is its own list of names: a
// name that is taken is one that was in the archive before.
#pragma once

#include "actors/os/files/archive_complaint.hpp"
#include "actors/os/files/pending_entry.hpp"
#include "actors/os/files/root_dir.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

/// Where an archive goes.
struct unpack_target {
  /// The destination, or the nearest folder above it that exists.
  root_dir folder;
  /// What has to be made below that; "": the destination exists.
  std::string missing;
};

/// ENOTDIR: something else is there. Links are followed inside the root.
[[nodiscard]] result<unpack_target> find_target(const root_dir& root,
                                                std::string_view destination);

class unpacked_tree {
public:
  static result<unpacked_tree> make(const unpack_target& target,
                                    std::uint64_t max_folders,
                                    pending_files& pending);

  // Paths are those of path_of_member(). Errors have a complaint, but for
  // names that were there before and files below files they are the kernel's.
  // errc::archive_limit: more than `max_folders` would be made.

  /// To be written. Folders on the way are made.
  [[nodiscard]] result<unique_fd> add_file(const std::string& path, mode_t mode,
                                           archive_complaint& complaint);
  /// More than once is fine.
  [[nodiscard]] std::error_code add_folder(const std::string& path, mode_t mode,
                                           archive_complaint& complaint);
  /// errc::archive_limit: links and their names are held in memory.
  [[nodiscard]] std::error_code add_link(const std::string& path,
                                         const std::string& target,
                                         archive_complaint& complaint);
  /// Makes at most `count` of the links.
  [[nodiscard]] std::error_code make_links(std::size_t count,
                                           archive_complaint& complaint);
  [[nodiscard]] bool has_all_links() const noexcept {
    return links_made_ == links_.size();
  }

  [[nodiscard]] const root_dir& root() const noexcept { return root_; }

  /// As a whole: it becomes the target's first missing folder. EEXIST.
  [[nodiscard]] std::error_code take_name() { return entry_.take_name(); }

private:
  struct link {
    std::string path;
    std::string target;
  };

  unpacked_tree(root_dir::place place, pending_entry entry, root_dir root,
                std::uint64_t max_folders)
      : place_(std::move(place)), entry_(std::move(entry)),
        root_(std::move(root)), folders_left_(max_folders) {}
  result<int> folder_of(std::string_view path);
  result<unique_fd> open_folder(std::string_view path);
  std::error_code make_folder(int above, const std::string& name, mode_t mode);

  root_dir::place place_; // outlives entry_
  pending_entry entry_;
  root_dir root_;              // what will be the destination's content
  std::uint64_t folders_left_; // that may be made
  std::string last_path_;
  unique_fd last_folder_; // none at first
  std::vector<link> links_;
  std::size_t link_bytes_ = 0;
  std::size_t links_made_ = 0;
};

} // namespace outrigger::os
