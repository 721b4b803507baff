#include "actors/os/private_file.hpp"

#include "actors/os/blocking_io.hpp"
#include "actors/os/error.hpp"
#include "actors/os/random_bytes.hpp"
#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace outrigger::os {

namespace {

std::error_code check(const struct stat& status, readers allowed) {
  if (!S_ISREG(status.st_mode))
    return errc::not_a_file;
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return errc::foreign_owner;
  if (allowed == readers::owner_only && (status.st_mode & 077) != 0)
    return errc::exposed;
  if ((status.st_mode & 022) != 0)
    return errc::writable;
  return {};
}

// The size in its status is not asked: the file may grow meanwhile.
result<std::string> read_all(int fd, std::size_t max_size) {
  std::string text;
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got == 0)
      return text;
    if (got < 0 && errno != EINTR)
      return os_error();
    text.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    if (text.size() > max_size)
      return os_error(EFBIG);
  }
}

std::error_code write_synced(const std::string& path, std::string_view text) {
  const unique_fd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
             0600));
  if (!fd)
    return os_error();
  if (auto error = write_all(fd.get(), text))
    return error;
  if (::fchmod(fd.get(), 0600) != 0 || ::fsync(fd.get()) != 0)
    return os_error();
  return {};
}

std::error_code sync_directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "."
                                : slash == 0               ? "/"
                                             : path.substr(0, slash);
  const unique_fd fd(
      ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0)
    return os_error();
  return {};
}

// Gives the temporary file its name unless there is one by that name.
std::error_code rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                  RENAME_NOREPLACE) == 0)
    return {};
  if (errno != EINVAL && errno != ENOSYS)
    return os_error();
  // A file system without RENAME_NOREPLACE: a link does not replace either.
  if (::link(from.c_str(), to.c_str()) != 0)
    return os_error();
  ::unlink(from.c_str());
  return {};
}

std::error_code rename_over(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? std::error_code{}
                                                 : os_error();
}

std::error_code write_and_name(const std::string& temporary,
                               const std::string& path, std::string_view text,
                               std::error_code (*name)(const std::string&,
                                                       const std::string&)) {
  auto error = write_synced(temporary, text);
  if (!error)
    error = name(temporary, path);
  if (error) {
    ::unlink(temporary.c_str());
    return error;
  }
  return sync_directory_of(path);
}

} // namespace

result<std::string> read_private_file(const std::string& path,
                                      std::size_t max_size, readers allowed) {
  // O_NONBLOCK: a FIFO must not hold up whoever reads.
  const unique_fd fd(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd)
    return os_error();
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0)
    return os_error();
  if (auto refused = check(status, allowed))
    return refused;
  return read_all(fd.get(), max_size);
}

std::error_code replace_private_file(const std::string& path,
                                     std::string_view text) {
  const std::string temporary = path + ".new";
  // Left by a writer that was killed: nobody else writes now.
  if (::unlink(temporary.c_str()) != 0 && errno != ENOENT)
    return os_error();
  return write_and_name(temporary, path, text, rename_over);
}

std::error_code create_private_file(const std::string& path,
                                    std::string_view text) {
  std::array<unsigned char, 8> random{};
  if (auto error = fill_random(random))
    return error;
  std::uint64_t suffix = 0;
  for (const auto byte : random)
    suffix = suffix << 8 | byte;
  return write_and_name(path + "." + std::to_string(suffix), path, text,
                        rename_new);
}

} // namespace outrigger::os
