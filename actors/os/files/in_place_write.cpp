// write_in_place(): appending to a file, and writing into it.
#include "actors/os/files/file_writer.hpp"

#include "actors/os/error.hpp"
#include "actors/os/files/flush_file.hpp"
#include "actors/os/files/new_folders.hpp"
#include "actors/os/files/write_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

namespace outrigger::os {

namespace {

constexpr mode_t permissions = 0777;

/// Others who replace the file all the time.
constexpr int open_attempts = 16;

struct target {
  root_dir::place place;
  unique_fd fd;
  bool made = false; // by us, just now
};

result<unique_fd> open_for_writing(const root_dir::place& place, bool append) {
  const auto found = open_entry(place.folder.get(), place.name, O_PATH);
  if (!found)
    return found.error();
  const auto info = info_of(found->get());
  if (!info)
    return info.error();
  if (info->kind != file_kind::file)
    return os_error(EAGAIN); // it was one a moment ago
  return reopen(found->get(),
                O_WRONLY | O_NONBLOCK | O_NOCTTY | (append ? O_APPEND : 0));
}

result<target> open_target(const root_dir& root, std::string_view path,
                           const ranged_write& options) {
  auto found = locate_file(root, path, options.create && options.create_folders,
                           options.durable);
  if (!found)
    return found.error();
  if (auto refused = check(options.condition, found->info))
    return refused;
  if (!found->info && !options.create)
    return os_error(ENOENT);
  auto fd = found->info
                ? open_for_writing(found->place, !options.offset)
                : create_entry(found->place.folder.get(), found->place.name,
                               options.mode & permissions);
  if (!fd)
    return fd.error();
  return target{std::move(found->place), std::move(*fd), !found->info};
}

/// Whether what is open is still what has the name.
bool is_current(const target& file, const file_info& opened) {
  const auto named = info_of(file.place.folder.get(), file.place.name);
  return named && named->inode == opened.inode &&
         named->device == opened.device;
}

/// With O_APPEND the kernel takes no heed of the offset. Moves `at` behind what
/// was written.
std::error_code write_from(int fd, std::string_view bytes, std::uint64_t& at) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno != EINTR)
      return os_error();
    const auto size = written > 0 ? static_cast<std::size_t>(written) : 0;
    bytes.remove_prefix(size);
    at += size;
  }
  return {};
}

/// Takes back what we wrote behind the old end, unless others, who have the
/// file open, have written behind it as well.
void take_back(int fd, std::uint64_t end, std::uint64_t old_size) {
  const auto now = info_of(fd);
  if (now && now->size == end && end > old_size)
    (void)!::ftruncate(fd, static_cast<off_t>(old_size));
}

/// Under the lock.
std::error_code write_into(const target& file, std::string_view bytes,
                           const ranged_write& options, const file_info& old) {
  auto at = options.offset.value_or(old.size);
  if (at > static_cast<std::uint64_t>(INT64_MAX) - bytes.size())
    return os_error(EFBIG);
  auto error = write_from(file.fd.get(), bytes, at);
  if (!error)
    return error;
  if (file.made)
    (void)::unlinkat(file.place.folder.get(), file.place.name.c_str(), 0);
  else
    take_back(file.fd.get(), at, old.size);
  return error;
}

/// EAGAIN: the file was replaced before it could be written.
std::error_code write_locked(const target& file, std::string_view bytes,
                             const ranged_write& options) {
  const change_lock lock{file.place};
  const auto old = info_of(file.fd.get());
  if (!old)
    return old.error();
  if (!is_current(file, *old))
    return os_error(EAGAIN);
  if (!file.made)
    if (auto refused = check(options.condition, *old))
      return refused;
  if (auto error = write_into(file, bytes, options, *old))
    return error;
  change_lock::stamp(file.fd.get(), old->modified_ns);
  return flush_file(file.fd.get());
}

std::error_code make_durable(const target& file) {
  if (::fdatasync(file.fd.get()) != 0)
    return os_error();
  return file.made ? sync_folder(file.place.folder.get()) : std::error_code{};
}

} // namespace

result<file_info> write_in_place(const root_dir& root, std::string_view path,
                                 std::string_view bytes,
                                 const ranged_write& options) {
  for (int attempt = 0; attempt < open_attempts; ++attempt) {
    auto file = open_target(root, path, options);
    auto error = file ? write_locked(*file, bytes, options) : file.error();
    // Made or replaced by others meanwhile: once more, with what is there now.
    if (error == std::errc::resource_unavailable_try_again ||
        (!file && error == std::errc::file_exists &&
         !options.condition.only_new))
      continue;
    if (!error && options.durable)
      error = make_durable(*file);
    if (error)
      return error;
    return info_of(file->fd.get());
  }
  return os_error(EAGAIN);
}

} // namespace outrigger::os
