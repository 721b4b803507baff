#include "actors/os/files/new_folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace outrigger::os {

namespace {

constexpr mode_t default_mode = 0755;

std::error_code make_one(const root_dir& root, std::string_view path,
                         mode_t mode, bool durable) {
  const auto place = root.find(path);
  if (!place)
    return place.error();
  if (::mkdirat(place->folder.get(), place->name.c_str(), mode) != 0)
    return errno == EEXIST ? std::error_code{} : os_error(); // others were here
  return durable ? sync_folder(place->folder.get()) : std::error_code{};
}

std::error_code is_there(const root_dir& root, std::string_view path) {
  return root.open(path, O_PATH | O_DIRECTORY).error();
}

} // namespace

std::error_code make_folders(const root_dir& root, std::string_view path,
                             mode_t mode, bool durable) {
  const auto missing = is_there(root, path);
  if (missing != std::errc::no_such_file_or_directory)
    return missing;
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const auto part = path.substr(0, end);
    auto error = is_there(root, part);
    if (error == std::errc::no_such_file_or_directory)
      error = make_one(root, part, mode, durable);
    if (error)
      return error;
  }
  return is_there(root, path);
}

result<root_dir::place> find_or_make(const root_dir& root,
                                     std::string_view path, bool create,
                                     bool durable) {
  auto found = root.find(path);
  if (found || !create || found.error() != std::errc::no_such_file_or_directory)
    return found;
  while (path.ends_with('/'))
    path.remove_suffix(1);
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos)
    return found;
  if (auto error =
          make_folders(root, path.substr(0, slash), default_mode, durable))
    return error;
  return root.find(path);
}

std::error_code sync_folder(int folder) {
  const auto readable = open_entry(folder, ".", O_RDONLY | O_DIRECTORY);
  if (!readable)
    return readable.error();
  // Not every file system can; those have nothing to bring to a disk.
  if (::fsync(readable->get()) != 0 && errno != EINVAL)
    return os_error();
  return {};
}

} // namespace outrigger::os
