// The private directory for sockets and locks, and the lock that keeps two
// daemons from sharing one. Used once, at start.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>

namespace outrigger::os {

/// Why a directory was refused. `path` is the one at fault, perhaps a parent.
struct directory_error {
  std::error_code error;
  std::string path;
  explicit operator bool() const noexcept { return bool(error); }
  [[nodiscard]] std::string message() const {
    return path + ": " + error.message();
  }
};

/// Creates `path` and its missing parents with mode 0700, or checks what is
/// there: a real directory (ENOTDIR, also for a symbolic link), ours
/// (errc::foreign_owner), not writable by group or others (errc::exposed).
/// Parents too must be out of others' reach, who could otherwise put another
/// directory in the place of ours: they belong to root or us, and are written
/// to by others only with the sticky bit.
directory_error make_runtime_dir(const std::string& path);

/// Why a lock was not taken. `owner` is the pid in the file; 0 if unknown.
struct lock_error {
  std::error_code error; // errc::locked when somebody has it
  pid_t owner = 0;
};

[[noreturn]] void
throw_exception_from_error(const lock_error& error,
                           const boost::source_location& where);

/// The process id a lock file says, in digits from its start; 0 when it says
/// none. The position in the file stays.
[[nodiscard]] pid_t read_pid(int fd) noexcept;

/// An exclusive lock on a file, with our pid in it if it could be written
/// there. Released by the
/// destructor or by the kernel; the file stays.
class lock_file {
public:
  /// Takes the lock or fails at once.
  static boost::system::result<lock_file, lock_error>
  try_lock(const std::string& path);

  /// Waits so long at most for whoever has it.
  static boost::system::result<lock_file, lock_error>
  lock_within(const std::string& path, std::chrono::milliseconds patience);

private:
  explicit lock_file(unique_fd fd) noexcept : fd_(std::move(fd)) {}
  unique_fd fd_;
};

} // namespace outrigger::os
