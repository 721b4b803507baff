#include "actors/os/files/renaming.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

namespace outrigger::os {

std::error_code rename_new(int from_folder, const std::string& from,
                           int to_folder, const std::string& to) {
  if (::renameat2(from_folder, from.c_str(), to_folder, to.c_str(),
                  RENAME_NOREPLACE) == 0)
    return {};
  if (errno != EINVAL && errno != ENOSYS)
    return os_error();
  // A file system without RENAME_NOREPLACE. A link does not replace either,
  // but there are none to folders, and not everywhere.
  if (::linkat(from_folder, from.c_str(), to_folder, to.c_str(), 0) == 0) {
    ::unlinkat(from_folder, from.c_str(), 0);
    return {};
  }
  if (errno == EEXIST)
    return os_error();
  struct stat status {};
  if (::fstatat(to_folder, to.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
    return os_error(EEXIST);
  return rename_over(from_folder, from, to_folder, to);
}

std::error_code rename_over(int from_folder, const std::string& from,
                            int to_folder, const std::string& to) {
  return ::renameat(from_folder, from.c_str(), to_folder, to.c_str()) == 0
             ? std::error_code{}
             : os_error();
}

std::error_code exchange(int folder, const std::string& name, int other_folder,
                         const std::string& other) {
  return ::renameat2(folder, name.c_str(), other_folder, other.c_str(),
                     RENAME_EXCHANGE) == 0
             ? std::error_code{}
             : os_error();
}

bool is_in_the_way(const std::error_code& error) {
  return error == std::errc::directory_not_empty ||
         error == std::errc::file_exists ||
         error == std::errc::is_a_directory ||
         error == std::errc::not_a_directory;
}

} // namespace outrigger::os
