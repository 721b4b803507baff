#include "actors/os/reload_signal.hpp"

#include "actors/os/error.hpp"
#include "actors/os/result.hpp"
#include "actors/os/runtime_dir.hpp"
#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <thread>

namespace outrigger::os {

namespace {

// A field of /proc/PID/status: "SigCgt:\t0000000000004a02".
std::string status_field(pid_t pid, std::string_view name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name) && line.size() > name.size() + 2)
      return line.substr(name.size() + 2);
  return {};
}

bool listens_to_hangup(pid_t pid) {
  const auto caught = status_field(pid, "SigCgt");
  std::uint64_t mask = 0;
  std::from_chars(caught.data(), caught.data() + caught.size(), mask, 16);
  return (mask >> (SIGHUP - 1) & 1) != 0;
}

// Whether the process has this very file open; nothing when it does not let
// us see, as one that hides its memory from others of its user.
std::optional<bool> has_open(pid_t pid, const struct stat& wanted) {
  std::error_code ec;
  const std::filesystem::directory_iterator files(
      "/proc/" + std::to_string(pid) + "/fd", ec);
  if (ec)
    return std::nullopt;
  for (auto at = begin(files); at != end(files); at.increment(ec)) {
    struct stat open {};
    if (ec || ::stat(at->path().c_str(), &open) != 0)
      continue; // closed meanwhile
    if (open.st_dev == wanted.st_dev && open.st_ino == wanted.st_ino)
      return true;
  }
  return false;
}

// The pid in the file may be of a daemon long gone, or of another container,
// and belong to anybody here.
bool holds(pid_t pid, const struct stat& lock) {
  if (const auto open = has_open(pid, lock))
    return *open;
  return status_field(pid, "Name") == status_field(::getpid(), "Name");
}

// One try. errc::deaf and ESRCH may pass: the lock is taken first, then the
// pid written, then the signal caught.
std::error_code tell(pid_t pid, const struct stat& lock) {
  if (pid <= 0)
    return os_error(ESRCH);
  // Whatever is found out below is about this process or, should another take
  // its number meanwhile, the signal reaches nobody.
  const unique_fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process)
    return os_error();
  if (!holds(pid, lock))
    return os_error(ESRCH);
  if (!listens_to_hangup(pid))
    return errc::deaf; // it would end it
  if (::syscall(SYS_pidfd_send_signal, process.get(), SIGHUP, nullptr, 0) != 0)
    return os_error();
  return {};
}

} // namespace

reload_outcome signal_reload(const std::string& lock_path,
                             std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const unique_fd fd(
        ::open(lock_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd)
      return {false, 0, errno == ENOENT ? std::error_code() : os_error()};
    // Shared, and only for as long as it takes to close the file: daemons that
    // start wait longer for their lock than that.
    if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0)
      return {};
    if (errno != EWOULDBLOCK)
      return {false, 0, os_error()};
    struct stat lock {};
    if (::fstat(fd.get(), &lock) != 0)
      return {true, 0, os_error()};
    const pid_t pid = read_pid(fd.get());
    const auto error = tell(pid, lock);
    const bool may_pass = error == errc::deaf || error == os_error(ESRCH);
    if (!may_pass || std::chrono::steady_clock::now() >= end)
      return {true, pid, error};
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

} // namespace outrigger::os
