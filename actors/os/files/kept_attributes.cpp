#include "actors/os/files/kept_attributes.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

namespace {

constexpr std::size_t max_xattr = 64 * 1024; // the kernel's limits, both

mode_t kept_bits(mode_t mode) {
  return mode & (S_ISDIR(mode) ? 03777 : 01777);
}

constexpr const char* access_list = "system.posix_acl_access";

bool is_kept(std::string_view name) {
  return name.starts_with("user.") || name == access_list ||
         name == "system.posix_acl_default"; // a folder's
}

void copy_xattr(const char* from, int to, const char* name,
                std::vector<char>& value) {
  const ssize_t size = ::getxattr(from, name, value.data(), value.size());
  if (size >= 0)
    (void)::fsetxattr(to, name, value.data(), static_cast<std::size_t>(size),
                      0);
}

void keep_xattrs(int from, int to) {
  // O_PATH is not enough for the calls that take a descriptor.
  const auto path = "/proc/self/fd/" + std::to_string(from);
  if (::listxattr(path.c_str(), nullptr, 0) <= 0)
    return;
  std::vector<char> names(max_xattr);
  const ssize_t size = ::listxattr(path.c_str(), names.data(), names.size());
  std::vector<char> value(max_xattr);
  std::string_view rest{names.data(),
                        size > 0 ? static_cast<std::size_t>(size) : 0};
  while (!rest.empty()) {
    const std::string name{rest.substr(0, rest.find('\0'))};
    if (is_kept(name))
      copy_xattr(path.c_str(), to, name.c_str(), value);
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  }
}

} // namespace

void keep_attributes(int from, int to) {
  struct stat old {};
  struct stat fresh {};
  if (::fstat(from, &old) != 0 || ::fstat(to, &fresh) != 0)
    return;
  if ((old.st_uid != fresh.st_uid || old.st_gid != fresh.st_gid) &&
      ::fchown(to, old.st_uid, old.st_gid) != 0)
    (void)!::fchown(to, static_cast<uid_t>(-1), old.st_gid);
  // One that came from the folder's default list: the old file may have none.
  (void)::fremovexattr(to, access_list);
  (void)::fchmod(to, kept_bits(old.st_mode));
  keep_xattrs(from, to);
}

} // namespace outrigger::os
