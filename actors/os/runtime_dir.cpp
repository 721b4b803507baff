#include "actors/os/runtime_dir.hpp"

#include "actors/os/error.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <thread>

namespace outrigger::os {

namespace {

bool trusted(uid_t owner) noexcept {
  return owner == 0 || owner == ::geteuid();
}

// Root's group is root, or in some containers everybody there is. A group of
// our own number is ours alone, which is why many systems' umask is 002.
bool trusted_group(gid_t group) noexcept {
  return group == 0 || (group == ::getegid() && group == ::geteuid());
}

std::error_code check_parent(const std::string& path) {
  struct stat status {};
  // Who owns a symbolic link can turn it elsewhere.
  if (::lstat(path.c_str(), &status) != 0)
    return os_error();
  if (!trusted(status.st_uid))
    return errc::foreign_owner;
  if (::stat(path.c_str(), &status) != 0)
    return os_error();
  if (!trusted(status.st_uid))
    return errc::foreign_owner;
  const bool open =
      (status.st_mode & S_IWOTH) != 0 ||
      ((status.st_mode & S_IWGRP) != 0 && !trusted_group(status.st_gid));
  if (open && (status.st_mode & S_ISVTX) == 0)
    return errc::exposed;
  return {};
}

directory_error make_parents(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (::mkdir(parent.c_str(), 0700) != 0 && errno != EEXIST &&
        ::access(parent.c_str(), F_OK) != 0)
      return {os_error(), parent};
    if (auto error = check_parent(parent))
      return {error, parent};
  }
  return {};
}

std::error_code make_or_check(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return os_error();
  const unique_fd directory(
      ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!directory) // also others' directories that we cannot read
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
                   status.st_uid != ::geteuid()
               ? make_error_code(errc::foreign_owner)
               : os_error();
  if (::fstat(directory.get(), &status) != 0)
    return os_error();
  if (status.st_uid != ::geteuid())
    return errc::foreign_owner;
  // Readable by others is fine: every file we put there is 0600, the sockets
  // included. Writable is not: they could replace them.
  if ((status.st_mode & 022) != 0)
    return errc::exposed;
  return {};
}

// Only for whoever is refused the lock, so a full disk does not matter: the
// lock is taken all the same, and nobody's pid is in the file.
void write_pid(int fd) {
  const std::string line = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) == 0) {
    [[maybe_unused]] const auto n = ::pwrite(fd, line.data(), line.size(), 0);
  }
}

} // namespace

pid_t read_pid(int fd) noexcept {
  char digits[16];
  const ssize_t size = ::pread(fd, digits, sizeof digits, 0);
  pid_t pid = 0;
  if (size > 0)
    std::from_chars(digits, digits + size, pid);
  return pid;
}

directory_error make_runtime_dir(const std::string& path) {
  std::string clean = path;
  while (clean.size() > 1 && clean.back() == '/')
    clean.pop_back(); // "dir/" would follow a symbolic link
  if (auto failed = make_parents(clean))
    return failed;
  return {make_or_check(clean), path};
}

void throw_exception_from_error(const lock_error& error,
                                const boost::source_location&) {
  throw std::system_error(error.error, "lock held by process " +
                                           std::to_string(error.owner));
}

boost::system::result<lock_file, lock_error>
lock_file::try_lock(const std::string& path) {
  unique_fd fd(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd)
    return lock_error{os_error(), 0};
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return lock_error{errc::locked, read_pid(fd.get())};
    if (errno != EINTR)
      return lock_error{os_error(), 0};
  }
  write_pid(fd.get());
  return lock_file(std::move(fd));
}

// By trying again, because flock() itself knows no end of its patience: a
// stopped process must not stop the others.
boost::system::result<lock_file, lock_error>
lock_file::lock_within(const std::string& path,
                       std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto locked = try_lock(path);
    if (locked || locked.error().error != errc::locked ||
        std::chrono::steady_clock::now() >= end)
      return locked;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

} // namespace outrigger::os
