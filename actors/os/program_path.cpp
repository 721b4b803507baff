#include "actors/os/program_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace outrigger::os {

namespace {

bool is_program(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

} // namespace

std::string find_program(std::string_view name, std::string_view path) {
  while (!path.empty()) {
    const auto end = std::min(path.find(':'), path.size());
    std::string candidate{path.substr(0, end)};
    path.remove_prefix(std::min(end + 1, path.size()));
    if (!candidate.starts_with('/'))
      continue;
    if (!candidate.ends_with('/'))
      candidate += '/';
    candidate += name;
    if (is_program(candidate))
      return candidate;
  }
  return {};
}

} // namespace outrigger::os
