#include "actors/os/memory_limit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "actors/os/unique_fd.hpp"

namespace outrigger::os {

namespace {

/// Version 1 says "unlimited" as the largest number of whole pages.
constexpr std::uint64_t unlimited = std::uint64_t{1} << 62;

/// Where one version's memory controller is mounted, and our group in it.
struct mounted_group {
  std::string mount; // mount point
  std::string root;  // the group that is seen there
  std::string group;
};

std::string read_all(const std::string& path) {
  std::string text;
  const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> part{};
  ssize_t count = 0;
  while (file && (count = ::read(file.get(), part.data(), part.size())) > 0)
    text.append(part.data(), static_cast<std::size_t>(count));
  return text;
}

/// Whether the list "a,b,c" has the word.
bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (list.substr(0, comma) == word)
      return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size()
                                                       : comma + 1);
  }
  return false;
}

/// Our group, from "ID:controllers:path" lines; version 2 has ID 0 and no
/// controllers.
std::optional<std::string> group_of(const std::string& lines, bool unified) {
  std::istringstream input{lines};
  for (std::string line; std::getline(input, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    const auto controllers =
        std::string_view{line}.substr(first + 1, second - first - 1);
    if (unified ? line.starts_with("0::") : has_word(controllers, "memory"))
      return line.substr(second + 1);
  }
  return std::nullopt;
}

/// mountinfo writes a blank as \040, and so on.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '\\' && text.size() - i > 3 &&
        std::from_chars(digits, digits + 3, code, 8).ptr == digits + 3) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// "ID parent device root mount options [tags…] - type source super-options"
std::optional<mounted_group> find_mount(const std::string& lines,
                                        bool unified) {
  std::istringstream input{lines};
  for (std::string line; std::getline(input, line);) {
    const auto dash = line.find(" - ");
    if (dash == std::string::npos)
      continue;
    std::istringstream front{line.substr(0, dash)};
    std::istringstream back{line.substr(dash + 3)};
    std::string skipped;
    std::string type;
    std::string options;
    mounted_group found;
    front >> skipped >> skipped >> skipped >> found.root >> found.mount;
    back >> type >> skipped >> options;
    if (unified ? type != "cgroup2"
                : type != "cgroup" || !has_word(options, "memory"))
      continue;
    found.mount = unescape(found.mount);
    found.root = unescape(found.root);
    return found;
  }
  return std::nullopt;
}

std::optional<mounted_group> find_group(const std::string& root, bool unified) {
  const auto group = group_of(read_all(root + "/proc/self/cgroup"), unified);
  auto found = find_mount(read_all(root + "/proc/self/mountinfo"), unified);
  if (!group || !found)
    return std::nullopt;
  found->group = *group;
  return found;
}

/// The group's directory below its mount point: "" for the one that is
/// mounted. In a container the paths may be those of another name space; what
/// is mounted is the container's own group then.
std::string relative_group(const mounted_group& found) {
  std::string root = found.root == "/" ? "" : found.root;
  if (!found.group.starts_with(root))
    return {};
  std::string rest = found.group.substr(root.size());
  if (!rest.starts_with('/') || rest == "/" ||
      rest.find("/..") != std::string::npos)
    return {};
  return rest;
}

/// The number in the file; empty for "max" and what means the same.
std::optional<std::uint64_t> number_in(const std::string& path) {
  const auto text = read_all(path);
  std::uint64_t value = 0;
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || value >= unlimited)
    return std::nullopt;
  return value;
}

/// Of the group in `directory` and those above it, up to the mount point.
std::optional<std::uint64_t> smallest_limit(std::string directory,
                                            std::string_view mount,
                                            const char* file) {
  std::optional<std::uint64_t> smallest;
  for (;;) {
    if (const auto limit = number_in(directory + file))
      smallest = std::min(smallest.value_or(*limit), *limit);
    if (directory.size() <= mount.size())
      return smallest;
    directory.erase(directory.rfind('/'));
  }
}

} // namespace

std::optional<std::uint64_t> memory_limit(const std::string& root) {
  // Where both versions are mounted, the controller is in one of them.
  for (const bool unified : {false, true}) {
    const auto found = find_group(root, unified);
    if (!found)
      continue;
    const auto mount = root + found->mount;
    if (const auto limit =
            smallest_limit(mount + relative_group(*found), mount,
                           unified ? "/memory.max" : "/memory.limit_in_bytes"))
      return limit;
  }
  return std::nullopt;
}

} // namespace outrigger::os
