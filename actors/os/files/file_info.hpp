// What the kernel says about a file, and the version of its content that
// clients compare.
#pragma once

#include "actors/os/files/root_dir.hpp"

#include <cstdint>
#include <string>
#include <string_view>

struct stat;

namespace outrigger::os {

enum class file_kind : std::uint8_t { file, directory, link, other };

struct file_info {
  file_kind kind = file_kind::other;
  std::uint64_t size = 0;       // bytes
  std::int64_t modified_ns = 0; // since 1970
  std::uint32_t mode = 0;       // permission bits, as 0644
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
};

[[nodiscard]] file_info to_info(const struct stat& status);

/// Names the version: of (inode, size, time of change). Hex and dashes, no
/// quotes. Another content has another one, unless a writer set the time back.
[[nodiscard]] std::string version_of(const file_info& info);

/// Of an open file.
[[nodiscard]] result<file_info> info_of(int fd);

/// Of an entry in a folder that is open; of the link itself, if it is one.
[[nodiscard]] result<file_info> info_of(int folder, const std::string& name);

/// Of what a path leads to. `follow`: of what a link leads to.
[[nodiscard]] result<file_info>
info_of(const root_dir& root, std::string_view path, bool follow = true);

/// What is written in a link; EINVAL when it is none.
[[nodiscard]] result<std::string> link_target(const root_dir& root,
                                              std::string_view path);

/// Whether there is anything in a folder that is an entry of one that is open.
/// False, too, when it cannot be read.
[[nodiscard]] bool has_entries(int folder, const std::string& name);

} // namespace outrigger::os
