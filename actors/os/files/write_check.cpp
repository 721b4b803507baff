#include "actors/os/files/write_check.hpp"

#include "actors/os/error.hpp"
#include "actors/os/files/new_folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <functional>

namespace outrigger::os {

namespace {

constexpr int max_links = 8;

/// One set for the process: the writers of a file need not know of each other.
/// Several, so that a large file that takes its place, for which file systems
/// bring its data under way, holds up few others.
std::mutex& mutex_of(const root_dir::place& place) {
  static std::array<std::mutex, 64> mutexes;
  const auto folder = info_of(place.folder.get());
  const auto number =
      std::hash<std::string>{}(place.name) + (folder ? folder->inode : 0);
  return mutexes[number % mutexes.size()];
}

/// A clock that was set back by more nanoseconds than this is believed.
constexpr std::int64_t max_ahead = 1'000'000'000;

std::int64_t next_stamp(std::int64_t now) {
  static std::atomic<std::int64_t> last = 0;
  auto before = last.load();
  for (;;) {
    const bool taken = now <= before && before - now < max_ahead;
    const auto stamp = taken ? before + 1 : now;
    if (last.compare_exchange_weak(before, stamp))
      return stamp;
  }
}

/// Where the link at `place` leads, as a path below the root.
result<std::string> follow(const root_dir::place& place) {
  std::array<char, PATH_MAX> text{};
  const ssize_t size = ::readlinkat(place.folder.get(), place.name.c_str(),
                                    text.data(), text.size());
  if (size < 0)
    return os_error(errno == EINVAL ? EAGAIN : errno); // no link any more
  std::string target(text.data(), static_cast<std::size_t>(size));
  if (target.empty() || target.front() == '/')
    return os_error(EXDEV);
  return place.folder_path.empty() ? target : place.folder_path + "/" + target;
}

/// Null: there is nothing; a link is one.
result<std::optional<file_info>> look(const root_dir::place& place) {
  auto info = info_of(place.folder.get(), place.name);
  if (info)
    return std::optional{*info};
  if (info.error() == std::errc::no_such_file_or_directory)
    return std::optional<file_info>{};
  return info.error();
}

std::error_code refusal(const std::optional<file_info>& info) {
  if (info && info->kind == file_kind::directory)
    return os_error(EISDIR);
  if (info && info->kind == file_kind::other)
    return errc::not_a_file;
  return {};
}

bool contains(const std::vector<std::string>& versions,
              const file_info& current) {
  return !versions.empty() && std::find(versions.begin(), versions.end(),
                                        version_of(current)) != versions.end();
}

} // namespace

result<located_file> locate_file(const root_dir& root, std::string_view path,
                                 bool create, bool durable) {
  auto place = find_or_make(root, path, create, durable);
  for (int links = 0;; ++links) {
    if (!place)
      return place.error();
    auto info = look(*place);
    if (!info)
      return info.error();
    if (auto refused = refusal(*info))
      return refused;
    if (!*info || (*info)->kind != file_kind::link)
      return located_file{std::move(*place), *info};
    if (links == max_links)
      return os_error(ELOOP);
    const auto target = follow(*place);
    if (!target)
      return target.error();
    place = root.find(*target);
    if (!place && place.error() == std::errc::invalid_argument)
      return os_error(EISDIR); // "..", and such
  }
}

result<std::optional<file_info>> look_again(const root_dir::place& place) {
  auto info = look(place);
  if (!info)
    return info;
  if (auto refused = refusal(*info))
    return refused;
  if (*info && (*info)->kind == file_kind::link)
    return os_error(EAGAIN);
  return info;
}

std::error_code check(const write_condition& condition,
                      const std::optional<file_info>& current) {
  if (!current) {
    if (!condition.versions.empty())
      return errc::changed;
    return condition.only_existing ? os_error(ENOENT) : std::error_code{};
  }
  if (condition.only_new)
    return os_error(EEXIST);
  if (contains(condition.not_versions, *current))
    return errc::changed;
  return condition.versions.empty() || contains(condition.versions, *current)
             ? std::error_code{}
             : make_error_code(errc::changed);
}

change_lock::change_lock(const root_dir::place& place)
    : guard_(mutex_of(place)) {}

void change_lock::stamp(int fd, std::int64_t old) {
  const auto info = info_of(fd);
  if (!info)
    return;
  auto stamp = next_stamp(info->modified_ns);
  if (stamp == old) // that of somebody else, in the same tick
    stamp = next_stamp(stamp);
  const std::array<timespec, 2> times{
      timespec{0, UTIME_OMIT},
      timespec{stamp / 1'000'000'000, stamp % 1'000'000'000}};
  if (stamp != info->modified_ns)
    (void)::futimens(fd, times.data()); // another owner's file: as it is
}

} // namespace outrigger::os
