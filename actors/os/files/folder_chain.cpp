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
  close_some();
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

bool folder_chain::is_kept(std::size_t index) const noexcept {
  return levels_.size() - index <= max_open || index % spacing_ == 0;
}

void folder_chain::close_some() {
  if (levels_.size() <= max_open)
    return;
  const auto on_way = levels_.size() - max_open;
  if (on_way / spacing_ <= max_on_way) {
    if (!is_kept(on_way - 1))
      levels_[on_way - 1].fd.reset();
    return;
  }
  spacing_ *= 2;
  for (std::size_t i = 0; i < on_way; ++i)
    if (!is_kept(i))
      levels_[i].fd.reset();
}

std::error_code folder_chain::find_again() {
  auto from = levels_.size();
  while (from > 0 && !levels_[from - 1].fd)
    --from;
  int parent = from > 0 ? levels_[from - 1].fd.get() : top_.get();
  unique_fd passing; // the last one that is not kept
  for (auto i = from; i < levels_.size(); ++i) {
    auto& next = levels_[i];
    struct stat status {};
    auto opened = open_folder(parent, next.name, status);
    if (!opened)
      return opened.error();
    if (status.st_dev != next.device || status.st_ino != next.inode)
      return os_error(ENOENT);
    auto& holder = is_kept(i) ? next.fd : passing;
    holder = std::move(*opened);
    parent = holder.get();
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
