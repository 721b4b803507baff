// How much an archive may be when it is unpacked.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outrigger::os {

struct archive_limits {
  /// Files, folders and links.
  std::uint64_t max_members = 100'000;
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
