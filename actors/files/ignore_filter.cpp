#include "actors/files/ignore_filter.hpp"

#include <algorithm>
#include <utility>

#include "protocol/ascii.hpp"
#include "protocol/files/glob.hpp"

namespace outrigger {

namespace {

std::string_view name_in(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_like(std::string_view glob, std::string_view path, bool is_folder) {
  if (glob.ends_with('/')) {
    if (!is_folder)
      return false;
    glob.remove_suffix(1);
  }
  return glob_match(glob, name_in(path)) || glob_match_path(glob, path);
}

bool has_extension(std::string_view name, std::string_view extension) {
  if (name.size() <= extension.size() + 1) // ".c" has none
    return false;
  const auto end = name.substr(name.size() - extension.size() - 1);
  return end[0] == '.' && ascii::equal_ignoring_case(end.substr(1), extension);
}

} // namespace

ignore_filter::ignore_filter(ignore_options options,
                             std::vector<outer_ignore> outer)
    : options_(std::move(options)) {
  options_.path_filter = ascii::lower(options_.path_filter);
  if (!options_.gitignore)
    return;
  for (auto& each : outer) {
    if (!each.below.empty())
      each.below += '/';
    outer_.push_back({std::move(each.below), gitignore::parse(each.text)});
  }
}

void ignore_filter::enter(std::string_view path, const reader& read) {
  level entered{path.empty() ? 0 : path.size() + 1, {}};
  if (options_.gitignore)
    if (const auto text = read(".gitignore"))
      entered.rules = gitignore::parse(*text);
  levels_.push_back(std::move(entered));
}

void ignore_filter::leave() {
  levels_.pop_back();
}

bool ignore_filter::is_named(std::string_view path, bool is_folder) const {
  const auto name = name_in(path);
  const auto is_it = [&](const auto& ignored) { return ignored == name; };
  const auto like_it = [&](const auto& glob) {
    return is_like(glob, path, is_folder);
  };
  return (options_.gitignore && name == ".git") ||
         (!options_.hidden && name.starts_with('.')) ||
         std::any_of(options_.ignored_names.begin(),
                     options_.ignored_names.end(), is_it) ||
         std::any_of(options_.ignore_globs.begin(), options_.ignore_globs.end(),
                     like_it);
}

/// The nearest rules that have a verdict decide. Whether a folder above is
/// ignored is not asked: the walk is in it.
bool ignore_filter::is_ignored(std::string_view path, bool is_folder) {
  using verdict = gitignore::verdict;
  for (auto in = levels_.rbegin(); in != levels_.rend(); ++in) {
    if (in->rules.empty())
      continue;
    const auto said = in->rules.judge(path.substr(in->prefix), is_folder);
    if (said != verdict::none)
      return said == verdict::ignored;
  }
  for (auto in = outer_.rbegin(); in != outer_.rend(); ++in) {
    outer_path_.assign(in->prefix).append(path);
    const auto said = in->rules.judge(outer_path_, is_folder);
    if (said != verdict::none)
      return said == verdict::ignored;
  }
  return false;
}

bool ignore_filter::is_wanted_file(std::string_view path) const {
  if (!options_.path_filter.empty() &&
      ascii::lower(path).find(options_.path_filter) == std::string::npos)
    return false;
  const auto name = name_in(path);
  return options_.extensions.empty() ||
         std::any_of(
             options_.extensions.begin(), options_.extensions.end(),
             [&](const auto& each) { return has_extension(name, each); });
}

bool ignore_filter::wants(std::string_view path, bool is_folder) {
  return !is_named(path, is_folder) && (is_folder || is_wanted_file(path)) &&
         !is_ignored(path, is_folder);
}

} // namespace outrigger
