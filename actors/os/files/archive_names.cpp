#include "actors/os/files/archive_names.hpp"

#include "actors/os/files/root_dir.hpp"

#include <algorithm>

namespace outrigger::os {

namespace {

/// Takes the first component off `path`: "" between two slashes.
std::string_view take_component(std::string_view& path) {
  const auto slash = std::min(path.find('/'), path.size());
  const auto name = path.substr(0, slash);
  path.remove_prefix(std::min(slash + 1, path.size()));
  return name;
}

bool is_nothing(std::string_view component) {
  return component.empty() || component == ".";
}

std::string_view fault_of_name(std::string_view name) {
  if (name.empty())
    return "is an empty name";
  if (name.find('\0') != std::string_view::npos)
    return "has a NUL in its name";
  if (name.find('\\') != std::string_view::npos)
    return "has a backslash in its name";
  if (name.front() == '/')
    return "is an absolute name";
  return {};
}

} // namespace

result<std::string> path_of_member(std::string_view name,
                                   const archive_limits& limits,
                                   archive_complaint& complaint) {
  if (const auto fault = fault_of_name(name); !fault.empty())
    return complaint.about(name, fault);
  if (name.size() > limits.max_name)
    return complaint.about(name,
                           "has a name of more than " +
                               std::to_string(limits.max_name) + " bytes",
                           errc::archive_limit);
  std::string path;
  std::size_t depth = 0;
  for (auto rest = name; !rest.empty();) {
    const auto component = take_component(rest);
    if (is_nothing(component))
      continue;
    if (component == "..")
      return complaint.about(name, "leads outside");
    if (component.size() > NAME_MAX)
      return complaint.about(name, "has a part of more than 255 bytes",
                             errc::archive_limit);
    if (++depth > limits.max_depth)
      return complaint.about(
          name,
          "is more than " + std::to_string(limits.max_depth) + " folders deep",
          errc::archive_limit);
    if (!path.empty())
      path += '/';
    path += component;
  }
  return path;
}

std::error_code check_link(std::string_view path, std::string_view target,
                           archive_complaint& complaint) {
  if (target.empty() || target.find('\0') != std::string_view::npos ||
      target.size() > max_path)
    return complaint.about(path, "is a link to no path");
  if (target.front() == '/')
    return complaint.about(path, "is a link to an absolute path");
  auto height = std::count(path.begin(), path.end(), '/');
  bool climbs = true;
  while (!target.empty()) {
    const auto component = take_component(target);
    if (is_nothing(component))
      continue;
    if (component != "..") {
      climbs = false;
      continue;
    }
    if (!climbs)
      return complaint.about(path, "is a link with \"..\" behind a name");
    if (--height < 0)
      return complaint.about(path, "is a link that leads outside");
  }
  return {};
}

} // namespace outrigger::os
