#include "actors/os/file_rules.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Younger than the headers of Debian 12.
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

namespace outrigger::os {

namespace {

constexpr std::uint64_t read_access =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

constexpr std::uint64_t socket_access =
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE;

/// What a rule for something that is not a directory may name.
constexpr std::uint64_t file_access =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |
    LANDLOCK_ACCESS_FS_IOCTL_DEV;

/// Not even in writable trees. A device node made there would open the disk
/// it stands for to a daemon that runs as root.
constexpr std::uint64_t never = LANDLOCK_ACCESS_FS_EXECUTE |
                                LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                LANDLOCK_ACCESS_FS_MAKE_BLOCK;

/// Every kind of access to files a version can restrict. Versions 4, 6 and 7
/// added other things: ports, signals, the audit log.
constexpr std::uint64_t access_of(int abi) noexcept {
  std::uint64_t access = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  if (abi >= 2)
    access |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3)
    access |= LANDLOCK_ACCESS_FS_TRUNCATE;
  if (abi >= 5)
    access |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
  return access;
}

} // namespace

result<int> landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0,
                             LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 0)
    return os_error();
  return static_cast<int>(abi);
}

file_rules::file_rules(int ruleset, std::uint64_t handled) noexcept
    : ruleset_(ruleset), handled_(handled) {}

result<file_rules> file_rules::make(int abi) {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = access_of(abi);
  // Only the first member: older kernels know no other.
  const long ruleset = ::syscall(SYS_landlock_create_ruleset, &attributes,
                                 sizeof attributes.handled_access_fs, 0);
  if (ruleset < 0)
    return os_error();
  return file_rules{static_cast<int>(ruleset), attributes.handled_access_fs};
}

std::error_code file_rules::allow_writing(const std::string& path) {
  return allow(path, ~never);
}

std::error_code file_rules::allow_reading(const std::string& path) {
  return allow(path, read_access);
}

std::error_code file_rules::allow_sockets(const std::string& path) {
  return allow(path, socket_access);
}

std::error_code file_rules::allow(const std::string& path,
                                  std::uint64_t access) {
  const unique_fd tree(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status {};
  if (!tree || ::fstat(tree.get(), &status) != 0)
    return os_error();
  access &= handled_;
  if (!S_ISDIR(status.st_mode))
    access &= file_access;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = tree.get();
  if (::syscall(SYS_landlock_add_rule, ruleset_.get(),
                LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
    return os_error();
  return {};
}

std::error_code file_rules::enforce() const {
  if (::syscall(SYS_landlock_restrict_self, ruleset_.get(), 0) != 0)
    return os_error();
  return {};
}

} // namespace outrigger::os
