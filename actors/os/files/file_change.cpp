#include "actors/os/files/file_change.hpp"

#include "actors/os/files/new_folders.hpp"
#include "actors/os/files/pending_entry.hpp"
#include "actors/os/files/renaming.hpp"
#include "actors/os/files/tree_copy.hpp"
#include "actors/os/files/tree_removal.hpp"
#include "actors/os/files/write_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace outrigger::os {

namespace {

/// Below the root, without links.
std::string path_in(const root_dir::place& place) {
  return place.folder_path.empty() ? place.name
                                   : place.folder_path + "/" + place.name;
}

std::string absolute(const root_dir& root, const root_dir::place& place) {
  return (root.path() == "/" ? "" : root.path()) + "/" + path_in(place);
}

/// File systems that have the other name for it.
std::error_code as_not_empty(std::error_code error) {
  return error == std::errc::file_exists ? os_error(ENOTEMPTY) : error;
}

/// Where something comes from and goes to.
struct journey {
  root_dir::place from;
  root_dir::place to;
  bool nowhere = false; // to where it is
  bool outward = false; // to a folder it is in
};

/// EINVAL: into itself; EACCES: with what is kept closed. Makes the folders
/// only when there is something to put into them.
result<journey> plan(const root_dir& from_root, std::string_view from,
                     const root_dir& to_root, std::string_view to,
                     bool create_folders) {
  auto source = from_root.find(from);
  if (!source)
    return source.error();
  const auto info = info_of(source->folder.get(), source->name);
  if (!info)
    return info.error();
  if (from_root.has_closed(path_in(*source)))
    return os_error(EACCES);
  auto target = to_root.find(to);
  if (!target && create_folders) {
    // Told before a folder is made in what is to go there.
    const auto own = path_in(*source) + "/";
    if (from_root.path() == to_root.path() && to.starts_with(own))
      return os_error(EINVAL);
    target = find_or_make(to_root, to, true, false);
  }
  if (!target)
    return target.error();
  if (to_root.has_closed(path_in(*target)))
    return os_error(EACCES);
  const auto before = absolute(from_root, *source);
  const auto after = absolute(to_root, *target);
  if (info->kind == file_kind::directory && after.starts_with(before + "/"))
    return os_error(EINVAL);
  return journey{std::move(*source), std::move(*target), before == after,
                 before.starts_with(after + "/")};
}

std::error_code give_name(pending_entry& entry, const journey& way,
                          if_exists policy) {
  if (policy == if_exists::refuse)
    return entry.take_name();
  const auto error = entry.replace();
  if (policy == if_exists::replace_all && is_in_the_way(error))
    return way.outward ? os_error(EINVAL) : entry.displace();
  return as_not_empty(error);
}

result<copied> copy_into_place(const journey& way, const root_dir& to_root,
                               if_exists policy, ownership owner,
                               pending_files& pending, std::stop_token stop) {
  // Told before much is copied.
  if (policy == if_exists::refuse &&
      info_of(way.to.folder.get(), way.to.name).has_value())
    return os_error(EEXIST);
  auto entry = pending_entry::make(to_root, way.to, pending);
  if (!entry)
    return entry.error();
  auto done =
      copy_tree(way.from.folder.get(), way.from.name, way.to.folder.get(),
                entry->name(), owner, std::move(stop));
  if (done)
    if (auto error = give_name(*entry, way, policy))
      return error;
  return done;
}

/// Of two names of one file rename(2) leaves both.
std::error_code remove_twin(const journey& way) {
  const auto from = info_of(way.from.folder.get(), way.from.name);
  const auto to = info_of(way.to.folder.get(), way.to.name);
  const bool both =
      from && to && from->inode == to->inode && from->device == to->device;
  if (both && ::unlinkat(way.from.folder.get(), way.from.name.c_str(), 0) != 0)
    return os_error();
  return {};
}

std::error_code rename_entry(const journey& way, if_exists policy) {
  const int from = way.from.folder.get();
  const int to = way.to.folder.get();
  if (policy == if_exists::refuse)
    return rename_new(from, way.from.name, to, way.to.name);
  const auto error = rename_over(from, way.from.name, to, way.to.name);
  if (!error)
    return remove_twin(way);
  if (policy != if_exists::replace_all || !is_in_the_way(error))
    return as_not_empty(error);
  if (way.outward) // it would be removed with the rest
    return os_error(EINVAL);
  // So that there is never nothing under the new name.
  if (auto failed = exchange(from, way.from.name, to, way.to.name))
    return failed;
  return remove_tree(from, way.from.name, {}).error();
}

/// EISDIR: it is a folder, and the condition is fulfilled. Nobody writes to a
/// file between the check and its end.
std::error_code remove_file(const root_dir::place& place,
                            const write_condition& condition) {
  const change_lock held{place};
  const auto info = info_of(place.folder.get(), place.name);
  if (!info && info.error() != std::errc::no_such_file_or_directory)
    return info.error();
  if (auto failed =
          check(condition, info ? std::optional{*info} : std::nullopt))
    return failed;
  return ::unlinkat(place.folder.get(), place.name.c_str(), 0) == 0
             ? std::error_code{}
             : os_error();
}

} // namespace

std::error_code make_folder(const root_dir& root, std::string_view path,
                            bool parents, mode_t mode) {
  if (parents)
    return make_folders(root, path, mode, false);
  const auto place = root.find(path);
  if (!place) // the root itself, and "a/.."
    return root.open(path, O_PATH | O_DIRECTORY) ? os_error(EEXIST)
                                                 : place.error();
  return ::mkdirat(place->folder.get(), place->name.c_str(), mode) == 0
             ? std::error_code{}
             : os_error();
}

std::error_code move_entry(const root_dir& from_root, std::string_view from,
                           const root_dir& to_root, std::string_view to,
                           if_exists policy, bool create_folders,
                           pending_files& pending, std::stop_token stop) {
  const auto way = plan(from_root, from, to_root, to, create_folders);
  if (!way || way->nowhere)
    return way.error();
  const auto error = rename_entry(*way, policy);
  if (error != std::errc::cross_device_link)
    return error;
  const auto done = copy_into_place(*way, to_root, policy, ownership::kept,
                                    pending, std::move(stop));
  if (!done)
    return done.error();
  // It has arrived: from here on there is nothing to be stopped.
  return remove_tree(way->from.folder.get(), way->from.name, {}).error();
}

result<copied> copy_entry(const root_dir& from_root, std::string_view from,
                          const root_dir& to_root, std::string_view to,
                          if_exists policy, bool create_folders,
                          pending_files& pending, std::stop_token stop) {
  const auto way = plan(from_root, from, to_root, to, create_folders);
  if (!way)
    return way.error();
  if (way->nowhere)
    return os_error(policy == if_exists::refuse ? EEXIST : EINVAL);
  return copy_into_place(*way, to_root, policy, ownership::ours, pending,
                         std::move(stop));
}

result<std::uint64_t> remove_entry(const root_dir& root, std::string_view path,
                                   bool recursive, std::stop_token stop,
                                   const write_condition& condition) {
  const auto place = root.find(path);
  if (!place)
    return place.error();
  if (root.has_closed(path_in(*place)))
    return os_error(EACCES);
  const auto removed = remove_file(*place, condition);
  if (!removed)
    return std::uint64_t{1};
  if (removed != std::errc::is_a_directory)
    return removed;
  const int folder = place->folder.get();
  if (recursive)
    return remove_tree(folder, place->name, std::move(stop));
  if (::unlinkat(folder, place->name.c_str(), AT_REMOVEDIR) == 0)
    return std::uint64_t{1};
  return as_not_empty(os_error());
}

} // namespace outrigger::os
