#include "actors/files/watch_excludes.hpp"

#include <algorithm>

#include "actors/os/files/pending_files.hpp"
#include "protocol/files/glob.hpp"

namespace outrigger {

namespace {

/// A file that is being written: it gets its own name when it is complete.
bool is_pending(std::string_view name) {
  return name.starts_with(os::pending_prefix) &&
         name.ends_with(os::pending_suffix);
}

} // namespace

watch_excludes::watch_excludes(const std::vector<std::string>& patterns) {
  for (const auto& each :
       std::set<std::string>{patterns.begin(), patterns.end()}) {
    key_.append(each).push_back('\0');
    if (each.find('/') != std::string::npos)
      path_globs_.push_back(each);
    else if (each.find_first_of("*?[\\") != std::string::npos)
      globs_.push_back(each);
    else
      names_.insert(each);
  }
}

bool watch_excludes::leaves_out(std::string_view folder,
                                std::string_view name) const {
  if (names_.count(name) > 0 || is_pending(name))
    return true;
  const auto like = [](std::string_view text) {
    return [text](const auto& glob) { return glob_match(glob, text); };
  };
  if (std::any_of(globs_.begin(), globs_.end(), like(name)))
    return true;
  if (path_globs_.empty())
    return false;
  std::string path{folder};
  path.append(path.empty() ? "" : "/").append(name);
  return std::any_of(
      path_globs_.begin(), path_globs_.end(),
      [&](const auto& glob) { return glob_match_path(glob, path); });
}

} // namespace outrigger
