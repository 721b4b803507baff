#include "actors/os/files/in_place_writer.hpp"

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

std::error_code make_durable(const target& file) {
  if (::fdatasync(file.fd.get()) != 0)
    return os_error();
  return file.made ? sync_folder(file.place.folder.get()) : std::error_code{};
}

} // namespace

struct in_place_writer::state {
  root_dir root;
  std::string path;
  ranged_write options;
  std::optional<target> file = {};
  std::size_t pieces = 0;  // that were written
  std::uint64_t start = 0; // the file's size before
  std::uint64_t end = 0;   // of what was written last
  bool alone = true;       // nobody appended in between
  bool done = false;

  [[nodiscard]] std::error_code write(std::string_view bytes);
  [[nodiscard]] std::error_code write_locked(std::string_view bytes);
  void undo() const;
};

/// Under the lock. EAGAIN: the file was replaced before it could be written.
std::error_code in_place_writer::state::write_locked(std::string_view bytes) {
  const change_lock lock{file->place};
  const auto old = info_of(file->fd.get());
  if (!old)
    return old.error();
  if (!is_current(*file, *old))
    return os_error(EAGAIN);
  if (pieces == 0) {
    if (!file->made)
      if (auto refused = check(options.condition, *old))
        return refused;
    start = old->size;
    end = options.offset.value_or(old->size);
  } else if (!options.offset) {
    alone = alone && old->size == end;
    end = old->size;
  }
  if (end > static_cast<std::uint64_t>(INT64_MAX) - bytes.size())
    return os_error(EFBIG);
  if (auto error = write_from(file->fd.get(), bytes, end))
    return error;
  ++pieces;
  change_lock::stamp(file->fd.get(), old->modified_ns);
  return {};
}

std::error_code in_place_writer::state::write(std::string_view bytes) {
  for (int attempt = 0; attempt < open_attempts; ++attempt) {
    if (!file) {
      auto opened = open_target(root, path, options);
      if (!opened &&
          (opened.error() == std::errc::resource_unavailable_try_again ||
           (opened.error() == std::errc::file_exists &&
            !options.condition.only_new)))
        continue; // made or replaced by others meanwhile
      if (!opened)
        return opened.error();
      file = std::move(*opened);
    }
    const auto error = write_locked(bytes);
    if (error != std::errc::resource_unavailable_try_again || pieces > 0)
      return error;
    file.reset();
  }
  return os_error(EAGAIN);
}

void in_place_writer::state::undo() const {
  const change_lock lock{file->place};
  const auto now = info_of(file->fd.get());
  if (!now || !alone || !is_current(*file, *now))
    return;
  if (!file->made)
    take_back(file->fd.get(), end, start);
  else if (now->size <= end)
    (void)::unlinkat(file->place.folder.get(), file->place.name.c_str(), 0);
}

in_place_writer::in_place_writer(root_dir root, std::string path,
                                 ranged_write options)
    : state_{new state{std::move(root), std::move(path), std::move(options)}} {}
in_place_writer::in_place_writer(in_place_writer&&) noexcept = default;
in_place_writer&
in_place_writer::operator=(in_place_writer&&) noexcept = default;

in_place_writer::~in_place_writer() {
  if (state_ && state_->file && !state_->done &&
      (!state_->options.offset || state_->pieces == 0))
    state_->undo();
}

std::error_code in_place_writer::write(std::string_view bytes) {
  return state_->write(bytes);
}

result<file_info> in_place_writer::commit() {
  std::error_code error;
  if (!state_->file)
    error = state_->write({});
  if (!error)
    error = flush_file(state_->file->fd.get());
  if (!error && state_->options.durable)
    error = make_durable(*state_->file);
  if (error)
    return error;
  state_->done = true;
  return info_of(state_->file->fd.get());
}

bool in_place_writer::made() const noexcept {
  return state_->file && state_->file->made;
}

result<file_info> write_in_place(const root_dir& root, std::string_view path,
                                 std::string_view bytes,
                                 const ranged_write& options) {
  in_place_writer writer{root, std::string{path}, options};
  if (auto error = writer.write(bytes))
    return error;
  return writer.commit();
}

} // namespace outrigger::os
