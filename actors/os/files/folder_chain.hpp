// FOLDER CHAIN: the folders on the way down a tree, of any depth: the deepest
// few are held open, and some on the way; the others are found again from
// those by their names. Follows no link.
//
//   top ─► a ─► … ─► m ─► … ─► y ─► z        enter(name), leave()
//   open   by name   open      open  open = here()
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/types.h>

#include <cstddef>
#include <dirent.h>
#include <memory>
#include <string>
#include <vector>

struct stat;

namespace outrigger::os {

class folder_chain {
public:
  /// Descriptors held besides the top's: of the deepest, and on the way.
  static constexpr std::size_t max_open = 32;
  static constexpr std::size_t max_on_way = 32;

  /// `top` can be read or is O_PATH.
  explicit folder_chain(unique_fd top) noexcept : top_(std::move(top)) {}

  /// Goes into a folder of this one; ENOTDIR or ELOOP when it is none. `status`
  /// is what it is like.
  std::error_code enter(const std::string& name, struct stat& status);
  /// Goes back; not from the top.
  void leave();

  /// How far below the top this is.
  [[nodiscard]] std::size_t depth() const noexcept { return levels_.size(); }

  /// The folder we are in, open until the next call. ENOENT when it is no
  /// longer where it was.
  [[nodiscard]] result<int> here();

private:
  struct level {
    std::string name;
    dev_t device = 0;
    ino_t inode = 0;
    unique_fd fd; // none: closed meanwhile
  };
  std::error_code find_again();
  [[nodiscard]] bool is_kept(std::size_t index) const noexcept;
  void close_some();

  unique_fd top_;
  std::vector<level> levels_;
  std::size_t spacing_ = 1; // of those held on the way; grows with the depth
};

/// The entries of a folder, without "." and "..", in the kernel's order.
class folder_reader {
public:
  static result<folder_reader> open(int folder);

  /// Null at the end. Valid until the next call.
  [[nodiscard]] result<const dirent*> next();

private:
  struct close_stream {
    void operator()(DIR* stream) const noexcept { ::closedir(stream); }
  };
  explicit folder_reader(DIR* stream) noexcept : stream_(stream) {}
  std::unique_ptr<DIR, close_stream> stream_;
};

} // namespace outrigger::os
