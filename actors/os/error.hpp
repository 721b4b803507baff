// Failures of this layer that errno has no name for. Everything else is an
// errno value in std::generic_category().
#pragma once

#include <system_error>

namespace outrigger::os {

enum class errc {
  version_mismatch = 1, // the holder speaks another protocol version
  holder_busy,          // the holder already serves a living daemon
  holder_lost,          // the connection to the holder is gone
  protocol_error,       // the holder sent something malformed
  bad_ring,             // a ring whose header does not fit this program
  queue_full,           // a bounded queue has no room
  foreign_owner,        // a file or directory that belongs to someone else
  exposed,              // a file or directory that group or others may access
  locked,               // another process holds the lock
  bad_token,            // a token file without a usable token
  writable,             // a file that group or others may write
  not_a_file,           // a FIFO, a device, a directory
  deaf,                 // a process that a signal would end, or not reach
  starter_lost,         // the process that starts holders is gone
  changed,              // a file is not the version it was expected to be
  bad_archive,          // an archive that is broken or does what none may
  archive_limit,        // an archive with more in it than is allowed
};

const std::error_category& os_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc value) noexcept {
  return {static_cast<int>(value), os_category()};
}

} // namespace outrigger::os

template <>
struct std::is_error_code_enum<outrigger::os::errc> : std::true_type {};
