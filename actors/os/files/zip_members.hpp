// ZIP MEMBERS: what is in a zip file, by the directory at its end, in that
// order.
//
// Not by libarchive (3.6): of names that are said to be UTF-8 it gives none at
// all in the plain locale, and in another composes their accents, so that two
// members have one name; names end at a NUL, and FIFOs are files. It takes
// names from the headers in front of the data, goes looking for a directory
// where the end of the file does not say it is, and keeps all of it in memory.
// Here both headers must agree, only stored and deflated members are taken, as
// everybody makes them, and one member at a time is in memory.
#pragma once

#include "actors/os/files/archive_members.hpp"
#include "actors/os/files/file_cursor.hpp"
#include "actors/os/files/zip_records.hpp"

#include <optional>
#include <vector>

namespace outrigger::os {

/// By the first four bytes of a file.
[[nodiscard]] bool looks_like_zip(std::string_view start);

/// Unpacks one stream of deflate after another.
class inflater;

class zip_members final : public archive_members {
public:
  zip_members(int fd, const archive_limits& limits,
              archive_complaint& complaint);
  zip_members(const zip_members&) = delete;
  zip_members& operator=(const zip_members&) = delete;
  ~zip_members() override;

  result<next_member> next(archive_member& member) override;
  result<member_piece> read() override;
  std::uint64_t position() const noexcept override { return data_.offset(); }

private:
  std::error_code find_directory();
  std::error_code take_directory(const zip_end& end, std::uint64_t end_offset);
  std::error_code read_header(archive_member& member);
  std::error_code check_header();
  std::error_code open_data();
  std::error_code read_target(archive_member& member);
  std::error_code check_end();
  result<std::string_view> stored();
  result<std::string_view> inflated();
  std::error_code damaged(std::string_view what = "is damaged");

  int fd_;
  const archive_limits limits_;
  archive_complaint& complaint_;
  std::optional<file_cursor> directory_; // null before the first member
  std::uint64_t directory_begin_ = 0;
  std::uint64_t members_ = 0; // that the end of the file speaks of
  bool members_wide_ = false; // by 64 bits, else the lower 16
  std::uint64_t found_ = 0;
  std::string name_; // of the member that was found last
  zip_central header_{};
  file_cursor data_; // of that member
  std::uint64_t done_ = 0;
  std::uint32_t checksum_ = 0;
  std::unique_ptr<inflater> inflater_;
  std::vector<char> buffer_;
};

} // namespace outrigger::os
