#include "tools/holder/cgroup.hpp"

#include "actors/os/holder_protocol.hpp"
#include "tools/holder/proc_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace outrigger::holder {

namespace {

// A cgroup's name: this, the pid of its holder, a dash, the session's key.
constexpr std::string_view prefix = "outrigger-";

bool is_stale(std::string_view name) {
  if (!name.starts_with(prefix))
    return false;
  name.remove_prefix(prefix.size());
  pid_t holder = 0;
  const auto [end, error] =
      std::from_chars(name.data(), name.data() + name.size(), holder);
  return error == std::errc() && end != name.data() + name.size() &&
         *end == '-' && holder > 0 &&
         (holder == ::getpid() || (::kill(holder, 0) != 0 && errno == ESRCH));
}

// The mount point of cgroup2 from mountinfo: "... root point options - type".
std::string mount_point(std::string_view table) {
  while (!table.empty()) {
    const auto line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(table.size(), line.size() + 1));
    const auto dash = line.find(" - cgroup2 ");
    if (dash == std::string_view::npos)
      continue;
    std::string_view rest = line;
    for (int field = 0; field < 4; ++field)
      rest.remove_prefix(std::min(rest.size(), rest.find(' ') + 1));
    return std::string(rest.substr(0, rest.find(' ')));
  }
  return {};
}

// Our path in version 2 from /proc/self/cgroup: the line "0::/path".
std::string own_path(std::string_view table) {
  const auto start = table.starts_with("0::") ? 0 : table.find("\n0::");
  if (start == std::string_view::npos)
    return {};
  table.remove_prefix(start == 0 ? 3 : start + 4);
  return std::string(table.substr(0, table.find('\n')));
}

void remove_below(const std::string& path, int depth) {
  DIR* directory = depth > 0 ? ::opendir(path.c_str()) : nullptr;
  if (directory == nullptr)
    return;
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
      continue;
    const std::string child = path + "/" + entry->d_name;
    remove_below(child, depth - 1);
    ::rmdir(child.c_str());
  }
  ::closedir(directory);
}

} // namespace

std::string find_cgroup_parent() {
  const std::string mount = mount_point(read_proc("/proc/self/mountinfo"));
  const std::string own = own_path(read_proc("/proc/self/cgroup"));
  // "/..": our cgroup is outside what this namespace shows.
  if (mount.empty() || own.empty() || own.starts_with("/.."))
    return {};
  return own == "/" ? mount : mount + own;
}

void remove_stale_cgroups(const std::string& parent) {
  DIR* directory = parent.empty() ? nullptr : ::opendir(parent.c_str());
  if (directory == nullptr)
    return;
  while (const dirent* entry = ::readdir(directory))
    if (entry->d_type == DT_DIR && is_stale(entry->d_name))
      ::rmdir((parent + "/" + entry->d_name).c_str()); // fails if populated
  ::closedir(directory);
}

cgroup cgroup::create(const std::string& parent, std::uint64_t key) {
  cgroup made;
  if (parent.empty())
    return made;
  const std::string path = parent + "/" + std::string(prefix) +
                           std::to_string(::getpid()) + "-" +
                           os::holder::key_name(key);
  if (::mkdir(path.c_str(), 0755) == 0)
    made.path_ = path;
  return made;
}

os::unique_fd cgroup::open_procs() const {
  if (path_.empty())
    return os::unique_fd();
  return os::unique_fd(
      ::open((path_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
}

bool cgroup::populated() const {
  return !path_.empty() &&
         read_proc(path_ + "/cgroup.events").find("populated 1") !=
             std::string::npos;
}

bool cgroup::kill() const {
  const os::unique_fd fd(
      ::open((path_ + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), "1", 1) == 1;
}

bool cgroup::remove() {
  if (path_.empty())
    return true;
  if (::rmdir(path_.c_str()) != 0 && errno != ENOENT) {
    if (populated())
      return false;
    remove_below(path_, 8);
    if (::rmdir(path_.c_str()) != 0 && errno != ENOENT)
      return false;
  }
  path_.clear();
  return true;
}

} // namespace outrigger::holder
