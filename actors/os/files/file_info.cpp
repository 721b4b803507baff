#include "actors/os/files/file_info.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <climits>
#include <cstdio>

namespace outrigger::os {

namespace {

file_kind kind_of(mode_t mode) {
  if (S_ISREG(mode))
    return file_kind::file;
  if (S_ISDIR(mode))
    return file_kind::directory;
  return S_ISLNK(mode) ? file_kind::link : file_kind::other;
}

} // namespace

file_info to_info(const struct stat& status) {
  file_info info;
  info.kind = kind_of(status.st_mode);
  info.size = static_cast<std::uint64_t>(status.st_size);
  info.modified_ns =
      static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 +
      status.st_mtim.tv_nsec;
  info.mode = status.st_mode & 07777;
  info.inode = status.st_ino;
  info.device = status.st_dev;
  return info;
}

std::string version_of(const file_info& info) {
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%" PRIx64 "-%" PRIx64 "-%" PRIx64, info.inode,
      info.size, static_cast<std::uint64_t>(info.modified_ns));
  return {text.data(), static_cast<std::size_t>(size)};
}

result<file_info> info_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0)
    return os_error();
  return to_info(status);
}

result<file_info> info_of(int folder, const std::string& name) {
  struct stat status {};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return os_error();
  return to_info(status);
}

result<file_info> info_of(const root_dir& root, std::string_view path,
                          bool follow) {
  const auto opened = root.open(path, O_PATH | (follow ? 0 : O_NOFOLLOW));
  if (!opened)
    return opened.error();
  return info_of(opened->get());
}

result<std::string> link_target(const root_dir& root, std::string_view path) {
  const auto opened = root.open(path, O_PATH | O_NOFOLLOW);
  if (!opened)
    return opened.error();
  std::array<char, PATH_MAX> text{};
  const ssize_t size =
      ::readlinkat(opened->get(), "", text.data(), text.size());
  if (size < 0)
    return os_error(errno == ENOENT ? EINVAL : errno); // not a link
  return std::string(text.data(), static_cast<std::size_t>(size));
}

bool has_entries(int folder, const std::string& name) {
  const auto opened = open_entry(folder, name, O_RDONLY | O_DIRECTORY);
  if (!opened)
    return false;
  alignas(dirent64) std::array<char, 1024> batch;
  bool found = false;
  while (!found) {
    const ssize_t size =
        ::getdents64(opened->get(), batch.data(), batch.size());
    if (size <= 0)
      break;
    for (ssize_t at = 0; at < size;) {
      const auto* next = reinterpret_cast<const dirent64*>(batch.data() + at);
      at += next->d_reclen;
      const std::string_view text{next->d_name};
      found = found || (text != "." && text != "..");
    }
  }
  return found;
}

} // namespace outrigger::os
