// UNPACK: an archive that is here whole, into a folder of the workspace. What
// transfer, upload and extract have in common. Blocks.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "actors/files/file_calls.hpp"
#include "actors/os/files/archive_reader.hpp"
#include "protocol/files/runtime_requests.hpp"

namespace outrigger {

/// Told now and then how far it is, from 0 to 1.
using on_unpacking = std::function<void(double)>;

/// All of it or nothing. `archive_name` is what an error is about, as the
/// client calls it; the archive's complaint, where there is one, says why.
[[nodiscard]] result<os::extracted>
unpack(os::unique_fd archive, std::string_view archive_name,
       const file_place& destination, conflict_strategy conflict,
       os::pending_files& pending, const std::stop_token& stop,
       const on_unpacking& progress);

/// A file that was unpacked, as it is listed: `path` is as shown.
[[nodiscard]] file_entry to_entry(const os::extracted_file& each,
                                  std::string path);

/// An archive on its way: a file without a name, where it will be unpacked.
class archive_spool {
public:
  [[nodiscard]] static result<archive_spool> open(const file_place& destination,
                                                  os::pending_files& pending);

  [[nodiscard]] result<void> take(std::string_view piece);
  /// Its bytes, from the start.
  [[nodiscard]] os::unique_fd release() { return std::move(fd_); }

private:
  archive_spool(os::unique_fd fd, std::string spelling)
      : fd_{std::move(fd)}, spelling_{std::move(spelling)} {}
  os::unique_fd fd_;
  std::string spelling_;
};

} // namespace outrigger
