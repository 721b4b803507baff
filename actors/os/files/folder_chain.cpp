#include "actors/os/files/folder_chain.hpp"

#include "actors/os/files/root_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cassert>
#include <string_view>

namespace outrigger::os {

namespace {

result<unique_fd> open_folder(int parent, const std::string& name,
                              struct stat& status) {
  auto opened =
      open_entry(parent, name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY);
  if (opened && ::fstat(opened->get(), &status) != 0)
    return os_error();
  return opened;
}

} // namespace

std::error_code folder_chain::enter(const std::string& name,
                                    struct stat& status) {
  const auto parent = here();
  if (!parent)
    return parent.error();
  auto opened = open_folder(*parent, name, status);
  if (!opened)
    return opened.error();
  levels_.push_back({name, status.st_dev, status.st_ino, std::move(*opened)});
  if (levels_.size() > max_open)
    levels_[levels_.size() - 1 - max_open].fd.reset();
  return {};
}

void folder_chain::leave() {
  assert(!levels_.empty());
  levels_.pop_back();
}

result<int> folder_chain::here() {
  if (levels_.empty())
    return top_.get();
  if (!levels_.back().fd)
    if (auto error = find_again())
      return error;
  return levels_.back().fd.get();
}

std::error_code folder_chain::find_again() {
  unique_fd passing; // the last one that is not kept
  int parent = top_.get();
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    auto& next = levels_[i];
    struct stat status {};
    auto opened = open_folder(parent, next.name, status);
    if (!opened)
      return opened.error();
    if (status.st_dev != next.device || status.st_ino != next.inode)
      return os_error(ENOENT);
    const bool kept = levels_.size() - i <= max_open;
    (kept ? next.fd : passing) = std::move(*opened);
    parent = kept ? next.fd.get() : passing.get();
  }
  return {};
}

result<folder_reader> folder_reader::open(int folder) {
  // A descriptor of its own: a stream moves the position and closes it.
  auto own = open_entry(folder, ".", O_RDONLY | O_DIRECTORY);
  if (!own)
    return own.error();
  DIR* stream = ::fdopendir(own->get());
  if (stream == nullptr)
    return os_error();
  (void)own->release(); // the stream's now
  return folder_reader{stream};
}

result<const dirent*> folder_reader::next() {
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream_.get());
    if (entry == nullptr && errno != 0)
      return os_error();
    if (entry == nullptr)
      return entry;
    const std::string_view name{entry->d_name};
    if (name != "." && name != "..")
      return entry;
  }
}

} // namespace outrigger::os
