#include "actors/os/files/new_file.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace outrigger::os {

result<new_file> new_file::create(const root_dir& root, root_dir::place target,
                                  mode_t mode, pending_files& pending) {
  new_file file{root, std::move(target), pending};
  const int folder = file.target_.folder.get();
  auto made = create_unnamed(folder, mode);
  if (!made && made.error() == std::errc::operation_not_supported) {
    auto entry = pending_entry::make(root, file.target_, pending);
    if (!entry)
      return entry.error();
    file.named_.emplace(std::move(*entry));
    made = create_entry(folder, file.named_->name(), mode);
  }
  if (!made)
    return made.error();
  file.fd_ = std::move(*made);
  return file;
}

std::error_code new_file::take_name() {
  return named_ ? named_->take_name() : link_to(target_.name);
}

std::error_code new_file::replace() {
  // A link replaces nothing, a rename does.
  if (!named_) {
    auto entry = pending_entry::make(root_, target_, *pending_);
    if (!entry)
      return entry.error();
    if (auto error = link_to(entry->name()))
      return error;
    named_.emplace(std::move(*entry));
  }
  return named_->replace();
}

std::error_code new_file::link_to(const std::string& name) const {
  const int folder = target_.folder.get();
  if (::linkat(fd_.get(), "", folder, name.c_str(), AT_EMPTY_PATH) == 0)
    return {};
  if (errno != ENOENT && errno != EPERM && errno != EINVAL)
    return os_error();
  // Before Linux 6.10 that takes a capability.
  const auto own = "/proc/self/fd/" + std::to_string(fd_.get());
  if (::linkat(AT_FDCWD, own.c_str(), folder, name.c_str(),
               AT_SYMLINK_FOLLOW) == 0)
    return {};
  return os_error();
}

} // namespace outrigger::os
