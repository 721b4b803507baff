#include "actors/files/search_place.hpp"

#include <fcntl.h>

#include <utility>

#include "actors/files/faults.hpp"
#include "actors/files/listing.hpp"
#include "actors/os/error.hpp"
#include "actors/os/files/file_info.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/search_limits.hpp"

namespace outrigger {
namespace {

ignore_options options_of(const search_filter& filter) {
  ignore_options out;
  out.gitignore = !filter.no_gitignore;
  out.hidden = filter.include_hidden;
  out.ignore_globs = filter.ignore_patterns;
  out.extensions = filter.file_types;
  return out;
}

ignore_options without_gitignore(const search_filter& filter) {
  auto out = options_of(filter);
  out.gitignore = false;
  return out;
}

/// The folder a path below a root lies in.
std::string_view folder_below(std::string_view path) {
  const auto slash = path.rfind('/');
  return path.substr(0, slash == std::string_view::npos ? 0 : slash);
}

os::result<search_place> find(const file_place& place) {
  auto opened = place.root.open(place.path, O_PATH);
  if (!opened)
    return opened.error();
  const auto info = os::info_of(opened->get());
  if (!info)
    return info.error();
  const auto real = os::path_of(opened->get());
  if (!real)
    return real.error();
  const auto rest = below(*real, place.root.path());
  if (!rest) // moved away while it was opened
    return os::os_error(EXDEV);
  const bool is_folder = info->kind == os::file_kind::directory;
  if (!is_folder && info->kind != os::file_kind::file)
    return os::make_error_code(os::errc::not_a_file);
  auto whole = place;
  whole.path = *rest;
  auto folder = place.root.narrow(is_folder ? *rest : folder_below(*rest));
  if (!folder)
    return folder.error();
  return search_place{std::move(*folder),
                      is_folder ? std::string{} : std::string{name_of(*rest)},
                      std::move(whole)};
}

} // namespace

result<search_place> find_search_place(const file_place& place) {
  auto found = find(place);
  if (!found)
    return to_error(found.error(), place.spelling);
  return std::move(*found);
}

result<search_place> find_search_folder(const file_place& place) {
  auto found = find_search_place(place);
  if (found && !found->name.empty())
    return file_error(file_fault::not_a_directory, place.spelling);
  return found;
}

ignore_filter walk_filter_of(const search_place& place,
                             const search_filter& filter) {
  auto outer = filter.no_gitignore ? std::vector<outer_ignore>{}
                                   : ignores_above(place.whole);
  return ignore_filter{options_of(filter), std::move(outer)};
}

result<os::tree_walk> begin_walk(const search_place& place,
                                 ignore_filter& filter) {
  os::walk_options how;
  how.light = true;
  how.max_depth = limits::max_search_depth;
  auto walk = os::tree_walk::begin(place.folder, "", how, &filter);
  if (!walk)
    return to_error(walk.error(), place.whole.spelling);
  return std::move(*walk);
}

found_filter::found_filter(const search_place& place,
                           const search_filter& filter)
    : name_{place.name}, filter_{without_gitignore(filter)} {}

bool found_filter::wants(std::string_view path) {
  if (!name_.empty())
    return path == name_;
  for (auto slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1))
    if (!filter_.wants(path.substr(0, slash), true))
      return false;
  return filter_.wants(path, false);
}

} // namespace outrigger
