#include "actors/os/files/unpacking_place.hpp"

#include "actors/os/files/archive_names.hpp"
#include "actors/os/files/file_info.hpp"
#include "actors/os/files/renaming.hpp"
#include "actors/os/files/tree_walk.hpp"

#include <fcntl.h>

#include <cstdint>
#include <optional>

namespace outrigger::os {

namespace {

/// How many numbers are tried for a name.
constexpr unsigned max_number = 10'000;

/// A name in the destination, and what has it.
struct spot {
  root_dir::place place;
  std::optional<file_info> there;
};

class merge {
public:
  merge(unpacked_tree& tree, const root_dir& destination, if_taken policy,
        const on_renamed& renamed, archive_complaint& complaint)
      : tree_(tree), destination_(destination), policy_(policy),
        renamed_(renamed), complaint_(complaint) {}

  std::error_code run() {
    if (auto error = find_device())
      return error;
    if (auto error = for_each(&merge::check))
      return error;
    return for_each(&merge::move);
  }

private:
  using step = std::error_code (merge::*)(tree_walk&, const walk_entry&,
                                          const spot&);

  std::error_code find_device() {
    const auto folder = destination_.open("", O_PATH | O_DIRECTORY);
    const auto info = folder ? info_of(folder->get()) : folder.error();
    if (!info)
      return info.error();
    device_ = info->device;
    return {};
  }

  std::error_code for_each(step act) {
    walk_options options;
    options.max_depth = SIZE_MAX;
    options.light = true; // kinds will do
    auto walk = tree_walk::begin(tree_.root(), "", options, nullptr);
    if (!walk)
      return failed("", walk.error());
    while (const auto* entry = walk->next()) {
      const auto found = look(entry->path);
      if (!found)
        return failed(entry->path, found.error());
      if (auto error = (this->*act)(*walk, *entry, *found))
        return error;
    }
    return walk->unreadable() == 0 ? std::error_code{}
                                   : failed("", os_error(EIO));
  }

  /// Looks at the name in the destination. The folder it is in is there: those
  /// below new ones are not walked.
  [[nodiscard]] result<spot> look(const std::string& path) const {
    auto place = destination_.find(path);
    if (!place)
      return place.error();
    const auto slash = path.rfind('/');
    if (place->folder_path != path.substr(0, slash == path.npos ? 0 : slash))
      return os_error(ELOOP); // a link on the way that was not there before
    auto there = info_of(place->folder.get(), place->name);
    if (!there && there.error() != std::errc::no_such_file_or_directory)
      return there.error();
    return spot{std::move(*place),
                there ? std::optional{*there} : std::nullopt};
  }

  std::error_code failed(std::string_view path, std::error_code error) {
    return path.empty()
               ? complaint_.about_archive(
                     "cannot be put in place: " + error.message(), error)
               : complaint_.about(
                     path, "cannot be put in place: " + error.message(), error);
  }

  std::error_code in_the_way(const std::string& path, std::string_view what) {
    return complaint_.about(path, what, os_error(EEXIST));
  }

  std::error_code check(tree_walk& walk, const walk_entry& entry,
                        const spot& found) {
    const bool folder = entry.info.kind == file_kind::directory;
    if (!found.there) {
      if (folder)
        walk.skip_folder();
      return {};
    }
    const auto there = found.there->kind;
    if (folder && there != file_kind::directory)
      return in_the_way(entry.path, there == file_kind::link
                                        ? "is a folder, but a link in the "
                                          "destination"
                                        : "is a folder, but none in the "
                                          "destination");
    if (folder)
      return found.there->device == device_
                 ? std::error_code{}
                 : complaint_.about(entry.path,
                                    "is another file system in the "
                                    "destination",
                                    os_error(EXDEV));
    if (policy_ == if_taken::rename)
      return {};
    if (there == file_kind::directory)
      return in_the_way(entry.path, "is a folder in the destination");
    return policy_ == if_taken::overwrite
               ? std::error_code{}
               : in_the_way(entry.path, "is in the destination already");
  }

  std::error_code move(tree_walk& walk, const walk_entry& entry,
                       const spot& found) {
    const auto& to = found.place;
    if (entry.info.kind == file_kind::directory) {
      if (found.there && found.there->kind == file_kind::directory)
        return {}; // what is in it is moved
      walk.skip_folder();
    } else if (found.there && policy_ == if_taken::rename) {
      return move_aside(entry, to);
    } else if (found.there && policy_ == if_taken::overwrite) {
      return moved(entry, rename_over(entry.folder, entry.name(),
                                      to.folder.get(), to.name));
    }
    return moved(entry, rename_new(entry.folder, entry.name(), to.folder.get(),
                                   to.name));
  }

  std::error_code move_aside(const walk_entry& entry,
                             const root_dir::place& to) {
    std::error_code error;
    for (unsigned number = 1; number <= max_number; ++number) {
      const auto name = numbered_name(to.name, number);
      error = rename_new(entry.folder, entry.name(), to.folder.get(), name);
      if (!error)
        renamed_(entry.path,
                 entry.path.substr(0, entry.path.rfind('/') + 1) + name);
      if (error != std::errc::file_exists)
        break;
    }
    return moved(entry, error);
  }

  std::error_code moved(const walk_entry& entry, std::error_code error) {
    return error ? failed(entry.path, error) : error;
  }

  unpacked_tree& tree_;
  const root_dir& destination_;
  if_taken policy_;
  const on_renamed& renamed_;
  archive_complaint& complaint_;
  std::uint64_t device_ = 0;
};

} // namespace

std::error_code put_in_place(unpacked_tree& tree, const unpack_target& target,
                             if_taken policy, const on_renamed& renamed,
                             archive_complaint& complaint) {
  if (target.missing.empty())
    return merge{tree, target.folder, policy, renamed, complaint}.run();
  const auto error = tree.take_name();
  if (error == std::errc::file_exists)
    return complaint.about(target.missing, "is there by now", error);
  return error ? complaint.about(target.missing,
                                 "cannot be made: " + error.message(), error)
               : error;
}

} // namespace outrigger::os
