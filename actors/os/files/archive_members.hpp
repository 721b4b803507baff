// ARCHIVE MEMBERS: what is in an archive, one after another, whatever its
// format. Nothing is decided here about where they go.
#pragma once

#include "actors/os/files/archive_complaint.hpp"
#include "actors/os/files/archive_limits.hpp"
#include "actors/os/result.hpp"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace outrigger::os {

enum class member_kind { file, folder, link, hard_link, special };

struct archive_member {
  std::string name; // as it is written there: anything
  member_kind kind = member_kind::file;
  mode_t mode = 0; // permission bits, and set-user-id and the like
  std::uint64_t size = 0;
  std::optional<std::int64_t> modified_ns; // since 1970
  std::string target;                      // of a link
};

/// What follows in an archive.
enum class next_member {
  found,
  none,
  later, // there is more to be read before that can be said: ask again
};

/// A part of a file: what lies between parts is zeros.
struct member_piece {
  std::string_view bytes; // empty: the file is complete
  std::uint64_t offset = 0;
};

/// Every call does bounded work. Errors are errc::bad_archive or archive_limit,
/// with a complaint, and final.
class archive_members {
public:
  virtual ~archive_members() = default;

  /// The one before must have been read to its end, if it was a file.
  [[nodiscard]] virtual result<next_member> next(archive_member& member) = 0;

  /// The next piece of the file that was found last, at most 256 KiB. Valid
  /// until the next call. Pieces may overlap, and lie beyond the size.
  [[nodiscard]] virtual result<member_piece> read() = 0;

  /// How far it has come in the archive, about, in bytes.
  [[nodiscard]] virtual std::uint64_t position() const noexcept = 0;
};

/// By the first bytes: zip; else tar, packed or not. `fd` and `complaint`
/// outlive it.
[[nodiscard]] std::unique_ptr<archive_members>
open_members(int fd, const archive_limits& limits,
             archive_complaint& complaint);

} // namespace outrigger::os
