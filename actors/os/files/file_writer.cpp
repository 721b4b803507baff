#include "actors/os/files/file_writer.hpp"

#include "actors/os/blocking_io.hpp"
#include "actors/os/error.hpp"
#include "actors/os/files/flush_file.hpp"
#include "actors/os/files/kept_attributes.hpp"
#include "actors/os/files/new_file.hpp"
#include "actors/os/files/new_folders.hpp"
#include "actors/os/files/numbered_name.hpp"
#include "actors/os/files/write_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>

namespace outrigger::os {

namespace {

/// Of what clients ask for; the other bits are no business of theirs.
constexpr mode_t permissions = 0777;

/// Before it has those of the file it replaces.
constexpr mode_t private_mode = 0600;

/// Others who make and remove the same name all the time.
constexpr int publish_attempts = 16;

/// As many files of one name and a number.
constexpr unsigned max_number = 10'000;

/// Replacing needs no right to the file itself, only to its folder; but one
/// that is kept from being written to is not replaced either.
std::error_code writable(const root_dir::place& place) {
  const int folder = place.folder.get();
  const char* name = place.name.c_str();
  if (::faccessat(folder, name, W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0)
    return {};
  // The call behind that is young: containers' filters say EPERM to it. The
  // old one, which the C library no longer makes, asks for the real user.
  if (errno == EPERM && ::syscall(SYS_faccessat, folder, name, W_OK) == 0)
    return {};
  return os_error();
}

} // namespace

struct file_writer::state {
  state(new_file opened, const write_options& given,
        const std::optional<file_info>& before)
      : file(std::move(opened)), options(given), old(before),
        name(file->target().name) {}

  std::error_code write(std::string_view bytes);
  result<file_info> commit();
  void take_over_attributes();
  std::error_code publish();
  std::error_code publish_numbered();

  std::optional<new_file> file; // null: committed, or given up
  write_options options;
  std::optional<file_info> old; // null: there was none
  std::string name;             // the target's, or what it became
  std::uint64_t written = 0;
  std::error_code failed; // for good: it would be a part
};

std::error_code file_writer::state::write(std::string_view bytes) {
  if (!failed)
    failed = write_all(file->fd(), bytes);
  if (!failed)
    written += bytes.size();
  return failed;
}

result<file_info> file_writer::state::commit() {
  if (failed)
    return failed;
  take_over_attributes();
  if (auto error = flush_file(file->fd()))
    return error;
  if (options.durable && ::fdatasync(file->fd()) != 0)
    return os_error();
  if (auto error = publish())
    return error;
  if (options.durable)
    if (auto error = sync_folder(file->target().folder.get()))
      return error;
  return info_of(file->fd());
}

void file_writer::state::take_over_attributes() {
  const auto& place = file->target();
  const auto current = open_entry(place.folder.get(), place.name, O_PATH);
  const auto info = current ? info_of(current->get()) : current.error();
  if (info && info->kind == file_kind::file)
    keep_attributes(current->get(), file->fd());
  else if (old) // removed meanwhile
    (void)::fchmod(file->fd(), old->mode & permissions);
}

std::error_code file_writer::state::publish() {
  if (options.condition.only_new && options.number_if_taken)
    return publish_numbered();
  const change_lock lock{file->target()};
  for (int attempt = 0; attempt < publish_attempts; ++attempt) {
    const auto current = look_again(file->target());
    if (!current)
      return current.error();
    if (auto refused = check(options.condition, *current))
      return refused;
    change_lock::stamp(file->fd());
    if (*current)
      return file->replace();
    const auto error = file->take_name();
    if (error != std::errc::file_exists || options.condition.only_new)
      return error;
    // Somebody else has made it meanwhile, and that one is replaced.
  }
  return os_error(EAGAIN);
}

/// A free name is taken at once or not at all, so no lock is needed.
std::error_code file_writer::state::publish_numbered() {
  const auto wanted = file->target().name;
  change_lock::stamp(file->fd());
  for (unsigned number = 1; number <= max_number; ++number) {
    name = file->target().name;
    const auto error = file->take_name();
    if (error != std::errc::file_exists)
      return error;
    file->aim_at(numbered_name(wanted, number));
  }
  return os_error(EEXIST);
}

result<file_writer> file_writer::begin(const root_dir& root,
                                       std::string_view path,
                                       const write_options& options,
                                       pending_files& pending) {
  auto found = locate_file(root, path, options.create_folders, options.durable);
  if (!found)
    return found.error();
  const bool numbered = options.condition.only_new && options.number_if_taken;
  if (numbered)
    found->info.reset(); // whatever is there stays
  if (auto refused = check(options.condition, found->info))
    return refused;
  if (found->info)
    if (auto refused = writable(found->place))
      return refused;
  auto file = new_file::create(
      root, std::move(found->place),
      found->info ? private_mode : options.mode & permissions, pending);
  if (!file)
    return file.error();
  return file_writer{
      std::make_unique<state>(std::move(*file), options, found->info)};
}

file_writer::file_writer(std::unique_ptr<state> s) noexcept
    : state_(std::move(s)) {}
file_writer::file_writer(file_writer&&) noexcept = default;
file_writer& file_writer::operator=(file_writer&&) noexcept = default;
file_writer::~file_writer() = default;

std::error_code file_writer::write(std::string_view bytes) {
  return state_->write(bytes);
}

std::uint64_t file_writer::written() const noexcept {
  return state_->written;
}

result<file_info> file_writer::commit() {
  auto done = state_->commit();
  state_->failed = os_error(EBADF); // there is no second time
  state_->file.reset();             // and after a failure nothing is left
  return done;
}

const std::string& file_writer::name() const noexcept {
  return state_->name;
}

bool file_writer::replaces() const noexcept {
  return state_->old.has_value();
}

} // namespace outrigger::os
