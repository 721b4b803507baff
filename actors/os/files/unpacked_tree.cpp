#include "actors/os/files/unpacked_tree.hpp"

#include "actors/os/files/file_info.hpp"
#include "actors/os/files/new_folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace outrigger::os {

namespace {

constexpr int folder_flags = O_PATH | O_DIRECTORY;
constexpr mode_t folder_mode = 0755;

/// Of the names of all links and of what they lead to, together.
constexpr std::size_t max_link_bytes = std::size_t{4} << 20;

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{}
                                         : path.substr(0, slash);
}

std::string last_of(std::string_view path) {
  return std::string{path.substr(path.rfind('/') + 1)};
}

std::error_code make_one(int folder, const std::string& name, mode_t mode) {
  return ::mkdirat(folder, name.c_str(), mode) == 0 ? std::error_code{}
                                                    : os_error();
}

bool is_folder(int folder, const std::string& name) {
  const auto info = info_of(folder, name);
  return info && info->kind == file_kind::directory;
}

/// Complains about a member that could not be made.
std::error_code not_made(archive_complaint& complaint, std::string_view path,
                         std::error_code error) {
  if (error == errc::archive_limit)
    return complaint.about_archive("has too many folders", error);
  if (error == std::errc::file_exists)
    return complaint.about(path, "is in the archive twice");
  if (error == std::errc::not_a_directory)
    return complaint.about(path, "is below something that is no folder");
  return complaint.about(path, "cannot be made: " + error.message(), error);
}

} // namespace

result<unpack_target> find_target(const root_dir& root,
                                  std::string_view destination) {
  std::string missing;
  for (;;) {
    auto folder = root.narrow(destination);
    if (folder)
      return unpack_target{std::move(*folder), std::move(missing)};
    if (folder.error() != std::errc::no_such_file_or_directory ||
        destination.empty())
      return folder.error();
    const auto name = last_of(destination);
    destination = parent_of(destination);
    if (name == "." || name == "..")
      return os_error(ENOENT);
    if (!name.empty()) // two slashes, or one at the end
      missing = missing.empty() ? name : name + "/" + missing;
  }
}

result<unpacked_tree> unpacked_tree::make(const unpack_target& target,
                                          std::uint64_t max_folders,
                                          pending_files& pending) {
  const auto& above = target.folder;
  const auto slash = std::min(target.missing.find('/'), target.missing.size());
  const auto first = target.missing.substr(0, slash);
  auto place = first.empty() ? result<root_dir::place>{root_dir::place{}}
                             : above.find(first);
  if (!place)
    return place.error();
  if (first.empty()) {
    auto folder = above.open("", folder_flags);
    if (!folder)
      return folder.error();
    place->folder = std::move(*folder);
  }
  auto entry = pending_entry::make(above, *place, pending);
  if (!entry)
    return entry.error();
  if (auto error = make_one(place->folder.get(), entry->name(), folder_mode))
    return error;
  auto root = above.narrow(entry->name());
  if (root && slash < target.missing.size()) {
    const auto rest = target.missing.substr(slash + 1);
    if (auto error = make_folders(*root, rest, folder_mode, false))
      return error;
    root = root->narrow(rest);
  }
  if (!root)
    return root.error();
  return unpacked_tree{std::move(*place), std::move(*entry), std::move(*root),
                       max_folders};
}

std::error_code unpacked_tree::make_folder(int above, const std::string& name,
                                           mode_t mode) {
  if (folders_left_ == 0)
    return errc::archive_limit;
  const auto error = make_one(above, name, mode);
  if (!error)
    --folders_left_;
  return error;
}

/// Made with all folders on the way, as far as they are not there yet.
result<unique_fd> unpacked_tree::open_folder(std::string_view path) {
  auto opened = root_.open(path, folder_flags | O_NOFOLLOW);
  if (opened || path.empty() ||
      opened.error() != std::errc::no_such_file_or_directory)
    return opened;
  auto above = open_folder(parent_of(path)); // as deep as a name may be
  if (!above)
    return above;
  const auto name = last_of(path);
  if (auto error = make_folder(above->get(), name, folder_mode))
    return error;
  return open_entry(above->get(), name, folder_flags);
}

/// The folder an entry is in. The last one is kept open: archives go folder by
/// folder.
result<int> unpacked_tree::folder_of(std::string_view path) {
  const auto parent = parent_of(path);
  if (!last_folder_ || parent != last_path_) {
    auto opened = open_folder(parent);
    if (!opened)
      return opened.error();
    last_folder_ = std::move(*opened);
    last_path_ = parent;
  }
  return last_folder_.get();
}

result<unique_fd> unpacked_tree::add_file(const std::string& path, mode_t mode,
                                          archive_complaint& complaint) {
  const auto folder = folder_of(path);
  if (!folder)
    return not_made(complaint, path, folder.error());
  auto file = create_entry(*folder, last_of(path), mode);
  if (!file)
    return not_made(complaint, path, file.error());
  return file;
}

std::error_code unpacked_tree::add_folder(const std::string& path, mode_t mode,
                                          archive_complaint& complaint) {
  if (path.empty())
    return {};
  const auto folder = folder_of(path);
  if (!folder)
    return not_made(complaint, path, folder.error());
  const auto name = last_of(path);
  // Its owner must be able to fill it, and to remove it.
  const auto error = make_folder(*folder, name, mode | S_IRWXU);
  if (error && is_folder(*folder, name))
    return {};
  return error ? not_made(complaint, path, error) : error;
}

std::error_code unpacked_tree::add_link(const std::string& path,
                                        const std::string& target,
                                        archive_complaint& complaint) {
  link_bytes_ += path.size() + target.size() + sizeof(link);
  if (link_bytes_ > max_link_bytes)
    return complaint.about_archive("has too many links", errc::archive_limit);
  if (auto file = add_file(path, 0600, complaint); !file)
    return file.error();
  links_.push_back({path, target});
  return {};
}

std::error_code unpacked_tree::make_links(std::size_t count,
                                          archive_complaint& complaint) {
  for (; links_made_ < links_.size() && count > 0; --count, ++links_made_) {
    const auto& [path, target] = links_[links_made_];
    const auto folder = folder_of(path);
    if (!folder)
      return not_made(complaint, path, folder.error());
    const auto name = last_of(path);
    if (::unlinkat(*folder, name.c_str(), 0) != 0 ||
        ::symlinkat(target.c_str(), *folder, name.c_str()) != 0)
      return not_made(complaint, path, os_error());
  }
  return {};
}

} // namespace outrigger::os
