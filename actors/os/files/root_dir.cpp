#include "actors/os/files/root_dir.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <deque>

namespace outrigger::os {

namespace {

/// A rename on the way makes the kernel give up: it cannot tell whether ".."
/// still stays inside.
constexpr int resolve_attempts = 8;

/// As the kernel's own limit on links in one path.
constexpr int max_links = 40;

/// O_TMPFILE has O_DIRECTORY in it.
constexpr int creating =
    O_CREAT | O_TRUNC | O_EXCL | (O_TMPFILE & ~O_DIRECTORY);

result<unique_fd> open_by_kernel(int root, const std::string& path,
                                 std::uint64_t flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = resolve;
  for (int attempt = 0;; ++attempt) {
    const long fd =
        ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0)
      return unique_fd{static_cast<int>(fd)};
    if (errno != EINTR && (errno != EAGAIN || attempt == resolve_attempts))
      return os_error();
  }
}

result<std::string> read_link(int folder, const char* name) {
  std::array<char, PATH_MAX> text{};
  const ssize_t size = ::readlinkat(folder, name, text.data(), text.size());
  if (size < 0)
    return os_error();
  return std::string(text.data(), static_cast<std::size_t>(size));
}

/// Puts the components of `path` before those that are still to be walked.
void push_components(std::deque<std::string>& rest, std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    if (slash > 0)
      parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  // "file/" is not a file.
  rest.insert(rest.begin(), parts.begin(), parts.end());
}

bool is_link(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISLNK(status.st_mode);
}

bool is_folder(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/// The walk: one component at a time, every folder on the way held open.
result<unique_fd> open_by_walk(int root, std::string_view path, int flags) {
  std::vector<unique_fd> folders; // below the root
  std::deque<std::string> rest;
  push_components(rest, path);
  if (path.ends_with('/')) // of what a link leads to
    flags = (flags & ~O_NOFOLLOW) | O_DIRECTORY;
  int links = 0;
  while (!rest.empty()) {
    const auto name = std::move(rest.front());
    rest.pop_front();
    const int here = folders.empty() ? root : folders.back().get();
    if (name == "." || name == "..") {
      if (!folders.empty() && !is_folder(folders.back().get()))
        return os_error(ENOTDIR);
      if (name == ".")
        continue;
      if (folders.empty())
        return os_error(EXDEV);
      folders.pop_back();
      continue;
    }
    unique_fd next{
        ::openat(here, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (!next)
      return os_error();
    const bool last = rest.empty();
    if (!is_link(next.get())) {
      folders.push_back(std::move(next));
      continue;
    }
    if (last && (flags & O_NOFOLLOW) != 0)
      return (flags & O_PATH) != 0 ? result<unique_fd>{std::move(next)}
                                   : result<unique_fd>{os_error(ELOOP)};
    auto target = read_link(next.get(), "");
    if (!target)
      return target.error();
    if (++links > max_links)
      return os_error(ELOOP);
    if (target->empty() || target->front() == '/')
      return os_error(EXDEV);
    push_components(rest, *target);
  }
  // What is opened is what was walked to, or nothing.
  const int end = folders.empty() ? root : folders.back().get();
  if (is_folder(end))
    return open_entry(end, ".", flags);
  if ((flags & O_DIRECTORY) != 0)
    return os_error(ENOTDIR);
  if ((flags & O_PATH) != 0)
    return std::move(folders.back());
  return reopen(end, flags & ~O_NOFOLLOW);
}

/// Whether files of this file system are opened without asking a program or a
/// network, as FUSE and NFS do whatever is in memory.
bool asks_nobody(int fd) {
  struct statfs about {};
  if (::fstatfs(fd, &about) != 0)
    return false;
  switch (about.f_type) {
  case BTRFS_SUPER_MAGIC:
  case EXT4_SUPER_MAGIC:
  case F2FS_SUPER_MAGIC:
  case OVERLAYFS_SUPER_MAGIC:
  case TMPFS_MAGIC:
  case XFS_SUPER_MAGIC:
    return true;
  default:
    return false;
  }
}

bool is_component(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

std::error_code check_path(std::string_view path) {
  if (path.size() > max_path)
    return os_error(ENAMETOOLONG);
  if (path.find('\0') != std::string_view::npos || path.starts_with('/'))
    return os_error(EINVAL);
  return {};
}

std::string joined(const std::string& folder, std::string_view name) {
  std::string path = folder == "/" ? "" : folder;
  return name.empty() ? folder : (path += '/').append(name);
}

/// Whether `path` is `tree` or in it.
bool is_below(std::string_view path, std::string_view tree) {
  return path.starts_with(tree) && (path.size() == tree.size() || tree == "/" ||
                                    path[tree.size()] == '/');
}

} // namespace

path_resolver choose_resolver() {
  auto opened = open_by_kernel(AT_FDCWD, ".", O_PATH, RESOLVE_BENEATH);
  // Anything else than its absence is the directory's fault, not the call's.
  const bool absent =
      !opened && (opened.error() == std::errc::function_not_supported ||
                  opened.error() == std::errc::operation_not_permitted);
  return absent ? path_resolver::walk : path_resolver::openat2;
}

result<root_dir> root_dir::open(const std::string& path, path_resolver how) {
  unique_fd fd{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!fd)
    return os_error();
  auto real = path_of(fd.get());
  if (!real)
    return real.error();
  root_dir root;
  root.fd_ = std::make_shared<const unique_fd>(std::move(fd));
  root.path_ = std::make_shared<const std::string>(std::move(*real));
  root.how_ = how;
  root.has_cache_ =
      how == path_resolver::openat2 && asks_nobody(root.fd_->get());
  return root;
}

bool root_dir::is_current() const {
  struct stat named {};
  struct stat held {};
  return ::stat(path_->c_str(), &named) == 0 &&
         ::fstat(fd_->get(), &held) == 0 && named.st_ino == held.st_ino &&
         named.st_dev == held.st_dev;
}

result<root_dir> root_dir::again() const {
  auto now = open(*path_, how_);
  if (now)
    now->closed_ = closed_;
  return now;
}

void root_dir::keep_closed(std::vector<std::string> paths) {
  // Those elsewhere cannot be reached anyway.
  std::erase_if(paths,
                [&](const auto& path) { return !is_below(path, *path_); });
  if (!paths.empty())
    closed_ =
        std::make_shared<const std::vector<std::string>>(std::move(paths));
}

bool root_dir::is_closed(std::string_view path) const {
  return closed_ && is_closed_path(joined(*path_, path));
}

bool root_dir::has_closed(std::string_view path) const {
  if (!closed_)
    return false;
  const auto real = joined(*path_, path);
  return is_closed_path(real) ||
         std::any_of(closed_->begin(), closed_->end(),
                     [&](const auto& tree) { return is_below(tree, real); });
}

bool root_dir::is_closed_path(const std::string& real) const {
  return closed_ &&
         std::any_of(closed_->begin(), closed_->end(),
                     [&](const auto& tree) { return is_below(real, tree); });
}

std::error_code root_dir::check(const unique_fd& opened) const {
  if (!closed_)
    return {};
  auto real = path_of(opened.get());
  if (!real)
    return real.error() == std::errc::no_such_file_or_directory
               ? std::error_code{} // deleted meanwhile: no secret any more
               : real.error();
  return is_closed_path(*real) ? os_error(EACCES) : std::error_code{};
}

result<unique_fd> root_dir::open(std::string_view path, int flags) const {
  if (auto wrong = check_path(path))
    return wrong;
  if ((flags & creating) != 0)
    return os_error(EINVAL);
  const std::string whole{path.empty() ? std::string_view{"."} : path};
  auto opened =
      how_ == path_resolver::openat2
          ? open_by_kernel(fd_->get(), whole, static_cast<unsigned>(flags),
                           RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
          : open_by_walk(fd_->get(), whole, flags);
  if (opened)
    if (auto refused = check(*opened))
      return refused;
  return opened;
}

result<unique_fd> root_dir::open_cached(std::string_view path,
                                        int flags) const {
  if (auto wrong = check_path(path))
    return wrong;
  if ((flags & creating) != 0)
    return os_error(EINVAL);
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED |
                RESOLVE_NO_XDEV;
  const std::string whole{path.empty() ? std::string_view{"."} : path};
  // Not even again when a signal came: whoever asks has another way.
  const long fd = has_cache_ ? ::syscall(SYS_openat2, fd_->get(), whole.c_str(),
                                         &how, sizeof how)
                             : -1;
  if (fd < 0)
    return os_error(EAGAIN);
  unique_fd opened{static_cast<int>(fd)};
  if (auto refused = check(opened))
    return refused;
  return opened;
}

result<root_dir::place> root_dir::find(std::string_view path) const {
  if (auto wrong = check_path(path))
    return wrong;
  while (path.ends_with('/'))
    path.remove_suffix(1);
  const auto slash = path.rfind('/');
  const auto name =
      slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (!is_component(name))
    return os_error(EINVAL);
  if (name.size() > NAME_MAX)
    return os_error(ENAMETOOLONG);
  const auto folder = slash == std::string_view::npos ? std::string_view{}
                                                      : path.substr(0, slash);
  auto opened = open(folder, O_PATH | O_DIRECTORY);
  if (!opened)
    return opened.error();
  auto real = path_of(opened->get());
  if (!real)
    return real.error();
  if (is_closed_path(joined(*real, name)))
    return os_error(EACCES);
  place found{std::move(*opened), std::string{name}, {}};
  const auto own = *path_ == "/" ? 1 : path_->size() + 1;
  // A folder that was moved away while it was opened has no path here.
  if (!is_below(*real, *path_))
    return os_error(EXDEV);
  if (real->size() > own)
    found.folder_path = real->substr(own);
  return found;
}

result<root_dir> root_dir::narrow(std::string_view folder) const {
  auto opened = open(folder, O_PATH | O_DIRECTORY);
  if (!opened)
    return opened.error();
  auto real = path_of(opened->get());
  if (!real)
    return real.error();
  root_dir inner;
  inner.fd_ = std::make_shared<const unique_fd>(std::move(*opened));
  inner.path_ = std::make_shared<const std::string>(std::move(*real));
  inner.closed_ = closed_;
  inner.how_ = how_;
  inner.has_cache_ = has_cache_ && asks_nobody(inner.fd_->get());
  return inner;
}

result<unique_fd> open_entry(int folder, const std::string& name, int flags) {
  if ((name != "." && !is_component(name)) || (flags & creating) != 0)
    return os_error(EINVAL);
  unique_fd opened{
      ::openat(folder, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC)};
  if (!opened)
    return os_error();
  return opened;
}

result<unique_fd> reopen(int fd, int flags) {
  if ((flags & creating) != 0)
    return os_error(EINVAL);
  const auto own = "/proc/self/fd/" + std::to_string(fd);
  unique_fd opened{::open(own.c_str(), flags | O_CLOEXEC)};
  if (!opened)
    return os_error();
  return opened;
}

result<unique_fd> create_entry(int folder, const std::string& name,
                               mode_t mode) {
  if (!is_component(name))
    return os_error(EINVAL);
  unique_fd made{::openat(folder, name.c_str(),
                          O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          mode)};
  if (!made)
    return os_error();
  return made;
}

result<unique_fd> create_unnamed(int folder, mode_t mode) {
  unique_fd made{::openat(folder, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, mode)};
  if (!made)
    // What file systems and kernels without it say.
    return os_error(errno == EISDIR || errno == ENOENT || errno == EINVAL
                        ? EOPNOTSUPP
                        : errno);
  return made;
}

result<std::string> path_of(int fd) {
  const auto own = "/proc/self/fd/" + std::to_string(fd);
  auto target = read_link(AT_FDCWD, own.c_str());
  if (!target)
    return target;
  struct stat status {};
  if (::fstat(fd, &status) != 0)
    return os_error();
  if (status.st_nlink == 0 || target->empty() || target->front() != '/')
    return os_error(ENOENT);
  return target;
}

} // namespace outrigger::os
