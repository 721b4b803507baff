// ZIP RECORDS: the fixed parts of a zip file, and nothing about what is in it.
//
//   [local header][name][extra][data] … [central header][name][extra] … [end]
//
// Pure functions over memory; numbers are little-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace outrigger::os {

inline constexpr std::string_view zip_local_mark{"PK\3\4"};
inline constexpr std::string_view zip_central_mark{"PK\1\2"};
inline constexpr std::string_view zip_end_mark{"PK\5\6"};
inline constexpr std::string_view zip64_locator_mark{"PK\6\7"};
inline constexpr std::string_view zip64_end_mark{"PK\6\6"};

inline constexpr std::size_t zip_local_size = 30;
inline constexpr std::size_t zip_central_size = 46;
inline constexpr std::size_t zip_end_size = 22;
inline constexpr std::size_t zip64_locator_size = 20;
inline constexpr std::size_t zip64_end_size = 56;

struct zip_local {
  std::uint16_t flags;
  std::uint16_t method;
  std::uint16_t name_size;
  std::uint16_t extra_size;
};

struct zip_central {
  std::uint8_t made_on; // the system
  std::uint16_t flags;
  std::uint16_t method;
  std::uint16_t dos_time;
  std::uint16_t dos_date;
  std::uint32_t checksum;
  std::uint64_t packed_size; // may be widened by widen()
  std::uint64_t size;
  std::uint16_t name_size;
  std::uint16_t extra_size;
  std::uint16_t comment_size;
  std::uint32_t disk;
  std::uint32_t attributes;
  std::uint64_t offset; // of the local header
};

struct zip_end {
  std::uint32_t disk;
  std::uint32_t first_disk;
  std::uint64_t disk_members;
  std::uint64_t members;
  std::uint64_t directory_size;
  std::uint64_t directory_offset;
};

// Null: too short, or another mark.
[[nodiscard]] std::optional<zip_local> parse_zip_local(std::string_view bytes);
[[nodiscard]] std::optional<zip_central>
parse_zip_central(std::string_view bytes);
[[nodiscard]] std::optional<zip_end> parse_zip_end(std::string_view bytes);
[[nodiscard]] std::optional<zip_end> parse_zip64_end(std::string_view bytes);
/// The offset of the zip64 end, from its locator; on the first disk of one.
[[nodiscard]] std::optional<std::uint64_t>
parse_zip64_locator(std::string_view bytes);

/// Where the end begins in the last bytes of a file: its comment reaches
/// exactly to their end.
[[nodiscard]] std::optional<std::size_t> find_zip_end(std::string_view tail);

/// Takes the numbers that did not fit from the extra fields. False: they are
/// not there.
[[nodiscard]] bool widen(zip_central& header, std::string_view extra);

/// Modification time since 1970 from the extra fields, else by the DOS time,
/// which is local time and may be nonsense: null.
[[nodiscard]] std::optional<std::int64_t>
zip_modified(const zip_central& header, std::string_view extra);

} // namespace outrigger::os
