#include "actors/os/files/folder_scan.hpp"

#include "actors/os/files/watch_names.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <utility>

namespace outrigger::os {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK;

constexpr std::size_t max_open = 48;                      // levels
constexpr std::size_t max_names = std::size_t{256} << 20; // bytes
constexpr std::size_t rows_at_a_time = 4096;

using steady = std::chrono::steady_clock;

std::string joined(std::string_view folder, std::string_view rest) {
  std::string out{folder};
  if (!out.empty() && !rest.empty() && out != "/")
    out += '/';
  out += rest;
  return out;
}

/// File systems whose content is made when it is looked at: no events, no end.
bool is_made_up(int fd) {
  struct statfs about {};
  if (::fstatfs(fd, &about) != 0)
    return false;
  constexpr std::array<unsigned long, 7> kinds{
      PROC_SUPER_MAGIC,    SYSFS_MAGIC,        CGROUP_SUPER_MAGIC,
      CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, DEBUGFS_MAGIC,
      TRACEFS_MAGIC};
  return std::find(kinds.begin(), kinds.end(),
                   static_cast<unsigned long>(about.f_type)) != kinds.end();
}

std::uint64_t print_of(const file_info& info) {
  return mixed(identity_of(info) ^ mixed(info.size) ^
               static_cast<std::uint64_t>(info.modified_ns));
}

/// In the root as it was opened.
result<unique_fd> open_in(const root_dir& base, const folder_place& place) {
  auto opened = base.open(place.path, folder_flags);
  if (!opened)
    return opened.error();
  const auto real = path_of(opened->get());
  if (!real)
    return real.error();
  if (*real != place.real_path())
    return os_error(ENOENT);
  return opened;
}

} // namespace

bool is_away(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

std::string folder_place::real_path() const {
  return path.empty()         ? base.path()
         : base.path() == "/" ? "/" + path
                              : base.path() + "/" + path;
}

result<unique_fd> open_folder(const folder_place& place) {
  auto opened = open_in(place.base, place);
  if (opened || place.base.is_current())
    return opened;
  const auto other = place.base.again();
  if (!other)
    return other.error();
  return open_in(*other, place);
}

std::uint64_t identity_of(const file_info& folder) {
  return mixed(mixed(folder.inode) ^ folder.device ^
               static_cast<std::uint64_t>(folder.kind));
}

// -- rows ---------------------------------------------------------------------

void scan_rows::add(row what, std::string_view name) {
  what.name_at = static_cast<std::uint32_t>(names_.size());
  what.name_size = static_cast<std::uint32_t>(name.size());
  names_ += name;
  rows_.push_back(what);
}

void scan_rows::clear() {
  rows_.clear();
  names_.clear();
}

// -- the scan -----------------------------------------------------------------

folder_scan::folder_scan(folder_place top,
                         std::shared_ptr<const watch_filter> filter,
                         options wanted, std::vector<start> starts)
    : top_(std::move(top)), filter_(std::move(filter)), wanted_(wanted),
      starts_(std::move(starts)), guarded_(top_.base.has_closed(top_.path)) {}

bool folder_scan::step(scan_rows& rows, std::chrono::milliseconds budget) {
  const auto end = steady::now() + budget;
  for (std::size_t i = 0;; ++i) {
    if (levels_.empty() && next_start_ == starts_.size())
      return false;
    // The clock is asked now and then: most entries cost less than it does.
    const bool look = i % 32 == 31 || levels_.empty();
    if (i > 0 &&
        (rows.all().size() >= rows_at_a_time || (look && steady::now() >= end)))
      return true;
    if (levels_.empty())
      begin(starts_[next_start_++], rows);
    else
      go_on(rows);
  }
}

folder_place folder_scan::place_of(std::string_view path) const {
  return {top_.base, joined(top_.path, path)};
}

void folder_scan::begin(const start& at, scan_rows& rows) {
  path_ = at.folder;
  auto folder = open_folder(place_of(at.folder));
  if (at.name.empty())
    return visit(std::move(folder), at.name, rows);
  path_ = joined(at.folder, at.name);
  scan_rows::row row;
  row.error = ESTALE;
  if (!folder) {
    if (!is_away(folder.error().value()))
      row.error = folder.error().value();
    return rows.add(row, at.name);
  }
  if (at.within >= 0 && wanted_.queue != nullptr) {
    const auto watch = wanted_.queue->add(folder->get());
    if (watch && *watch != at.within) {
      row.watch = *watch;
      return rows.add(row, at.name);
    }
  }
  visit(open_entry(folder->get(), at.name, folder_flags), at.name, rows);
}

bool folder_scan::is_closed() const {
  return guarded_ && top_.base.is_closed(place_of(path_).path);
}

/// Has the folder at path_ watched, says so, and goes into it.
void folder_scan::visit(result<unique_fd> opened, std::string_view name,
                        scan_rows& rows) {
  scan_rows::row row;
  row.depth = static_cast<std::uint32_t>(levels_.size());
  const auto refuse = [&](int error) {
    row.error = error;
    rows.add(row, name);
  };
  if (!opened)
    return refuse(opened.error().value());
  if (is_closed())
    return refuse(EACCES);
  struct stat status {};
  if (::fstat(opened->get(), &status) != 0)
    return refuse(errno);
  const auto device = static_cast<std::uint64_t>(status.st_dev);
  if ((levels_.empty() || levels_.back().device != device) &&
      is_made_up(opened->get()))
    return refuse(EXDEV);
  row.print = identity_of(to_info(status));
  if (probe_ != nullptr && !has_room_)
    has_room_ = probe_->has_room(opened->get());
  if (wanted_.queue != nullptr) {
    auto watch = wanted_.queue->add(opened->get(), name.empty());
    if (!watch)
      return refuse(watch.error().value());
    row.watch = *watch;
  }
  if (!wanted_.deep)
    return rows.add(row, name);
  auto names = folder_names::read(opened->get(), max_names);
  if (!names)
    row.error = names.error().value();
  rows.add(row, name);
  if (!names)
    return;
  levels_.push_back(
      {std::move(*opened), std::move(*names), 0, path_.size(), device});
  close_outer();
}

void folder_scan::close_outer() {
  if (levels_.size() - first_open_ <= max_open)
    return;
  auto& outermost = levels_[first_open_++];
  if (const auto info = info_of(outermost.fd.get()))
    outermost.was = *info;
  outermost.fd.reset();
}

/// By its path, which may lead to another folder by now: that is left alone.
bool folder_scan::reopen(level& in) {
  if (in.fd)
    return true;
  auto opened = open_folder(place_of(path_));
  if (!opened)
    return false;
  const auto info = info_of(opened->get());
  if (!info || info->inode != in.was.inode || info->device != in.was.device)
    return false;
  in.fd = std::move(*opened);
  first_open_ = levels_.size() - 1;
  return true;
}

bool folder_scan::is_wanted(const level& in, std::string_view name) const {
  const auto folder = std::string_view{path_}.substr(0, in.path_size);
  return !filter_ || !filter_->leaves_out(folder, name);
}

/// One entry of the innermost folder, or out of it.
void folder_scan::go_on(scan_rows& rows) {
  auto& in = levels_.back();
  path_.resize(in.path_size);
  const bool finished =
      in.next == in.names.size() ||
      (!wanted_.entries && in.names[in.next].kind != file_kind::directory);
  const bool lost = !finished && !reopen(in);
  has_missed_ = has_missed_ || lost;
  if (finished || lost) {
    levels_.pop_back();
    first_open_ = std::min(first_open_, levels_.size());
    return;
  }
  const auto entry = in.names[in.next++];
  if (!is_wanted(in, entry.name))
    return;
  path_ = joined(path_, entry.name);
  if (entry.kind == file_kind::directory)
    return visit(open_entry(in.fd.get(), std::string{entry.name}, folder_flags),
                 entry.name, rows);
  if (is_closed())
    return;
  scan_rows::row row;
  row.depth = static_cast<std::uint32_t>(levels_.size());
  row.is_folder = false;
  if (wanted_.prints) {
    struct stat status {};
    if (::fstatat(in.fd.get(), entry.name.data(), &status,
                  AT_SYMLINK_NOFOLLOW) != 0)
      return;
    row.print = print_of(to_info(status));
  }
  rows.add(row, entry.name);
}

} // namespace outrigger::os
