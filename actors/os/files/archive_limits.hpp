// How much an archive may be when it is unpacked.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outrigger::os {

struct archive_limits {
  /// Files, folders and links. With the next, what is refused in the end keeps
  /// the disk busy for about two seconds.
  std::uint64_t max_members = 50'000;
  /// Folders that are made, also those that are only on the way to a member: a
  /// name of a hundred bytes may make dozens. Each costs as much as four files.
  std::uint64_t max_folders = 10'000;
  /// The sizes of all files together, holes included.
  std::uint64_t max_bytes = std::uint64_t{2} << 30;
  /// The same, for each byte of the archive; asked once there are more than
  /// `ratio_from` bytes, because few bytes may well be packed like that.
  std::uint64_t max_ratio = 200;
  std::uint64_t ratio_from = std::uint64_t{1} << 20;
  std::size_t max_name = 1024; // bytes
  std::size_t max_depth = 64;  // components of a name
};

} // namespace outrigger::os
