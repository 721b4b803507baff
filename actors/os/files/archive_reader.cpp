#include "actors/os/files/archive_reader.hpp"

#include "actors/os/files/archive_members.hpp"
#include "actors/os/files/archive_names.hpp"
#include "actors/os/files/file_info.hpp"
#include "actors/os/files/flush_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

namespace outrigger::os {

namespace {

// One step: as much as takes a few milliseconds.
constexpr std::uint64_t step_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t step_members = 50;

std::error_code write_at(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return os_error();
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

/// Best effort: not every time can be kept everywhere.
void set_modified(int fd, std::int64_t ns) {
  constexpr std::int64_t second = 1'000'000'000;
  timespec times[2] = {{0, UTIME_OMIT}, {}};
  times[1].tv_nsec = ((ns % second) + second) % second;
  times[1].tv_sec = (ns - times[1].tv_nsec) / second;
  (void)::futimens(fd, times);
}

/// The file that is being written.
struct open_member {
  std::string path;
  unique_fd fd;
  archive_member about;
  std::uint64_t end = 0;     // of what was written
  std::uint64_t written = 0; // bytes in all, which may overlap
};

} // namespace

struct archive_reader::state {
  state(unique_fd file, std::uint64_t file_size, unpack_target where,
        unpacked_tree into, const extract_options& wanted)
      : archive(std::move(file)), size(file_size), options(wanted),
        target(std::move(where)), tree(std::move(into)),
        members(open_members(archive.get(), options.limits, complaint)) {}

  unique_fd archive;
  std::uint64_t size; // of the archive
  extract_options options;
  archive_complaint complaint;
  unpack_target target;
  unpacked_tree tree;
  std::unique_ptr<archive_members> members;
  std::optional<open_member> current;
  std::uint64_t found = 0;    // members
  std::uint64_t files = 0;    // and links
  std::uint64_t promised = 0; // bytes, by the sizes of files
  std::uint64_t written = 0;
  std::vector<extracted_file> listed;
  bool all_found = false;
  bool done = false;
  std::error_code failed;

  std::error_code advance(std::uint64_t& work);
  std::error_code begin_next(std::uint64_t& work);
  std::error_code begin(const archive_member& member);
  std::error_code begin_file(const std::string& path,
                             const archive_member& member);
  std::error_code take_size(const archive_member& member);
  std::error_code write_piece(std::uint64_t& work);
  std::error_code end_file();
  void list(std::string path, std::uint64_t bytes, std::int64_t modified_ns);
};

void archive_reader::state::list(std::string path, std::uint64_t bytes,
                                 std::int64_t modified_ns) {
  ++files;
  if (listed.size() < options.max_listed)
    listed.push_back({std::move(path), bytes, modified_ns});
}

/// Before a byte of it is written.
std::error_code archive_reader::state::take_size(const archive_member& member) {
  const auto& limits = options.limits;
  if (member.size > limits.max_bytes ||
      promised > limits.max_bytes - member.size)
    return complaint.about(member.name,
                           "makes it more than " +
                               std::to_string(limits.max_bytes) +
                               " bytes when it is unpacked",
                           errc::archive_limit);
  promised += member.size;
  if (promised > limits.ratio_from && (promised - 1) / limits.max_ratio >= size)
    return complaint.about(member.name,
                           "makes it more than " +
                               std::to_string(limits.max_ratio) +
                               " times the archive when it is unpacked",
                           errc::archive_limit);
  return {};
}

std::error_code
archive_reader::state::begin_file(const std::string& path,
                                  const archive_member& member) {
  if (path.empty())
    return complaint.about(member.name, "is a file without a name");
  if (auto error = take_size(member))
    return error;
  auto fd = tree.add_file(path, member.mode & 0777, complaint);
  if (!fd)
    return fd.error();
  current.emplace(open_member{path, std::move(*fd), member});
  return {};
}

std::error_code archive_reader::state::begin(const archive_member& member) {
  if (++found > options.limits.max_members)
    return complaint.about_archive(
        "has more than " + std::to_string(options.limits.max_members) +
            " entries",
        errc::archive_limit);
  const auto path = path_of_member(member.name, options.limits, complaint);
  if (!path)
    return path.error();
  switch (member.kind) {
  case member_kind::file:
    return begin_file(*path, member);
  case member_kind::folder:
    return tree.add_folder(*path, member.mode & 0777, complaint);
  case member_kind::link:
    if (path->empty())
      return complaint.about(member.name, "is a link without a name");
    if (auto error = check_link(*path, member.target, complaint))
      return error;
    if (auto error = tree.add_link(*path, member.target, complaint))
      return error;
    list(*path, 0, member.modified_ns.value_or(0));
    return {};
  case member_kind::hard_link:
    return complaint.about(member.name, "is a hard link");
  case member_kind::special:
    break;
  }
  return complaint.about(member.name, "is neither a file, a folder nor a link");
}

std::error_code archive_reader::state::begin_next(std::uint64_t& work) {
  archive_member member;
  const auto next = members->next(member);
  if (!next)
    return next.error();
  all_found = *next == next_member::none;
  work += *next == next_member::found ? step_bytes / step_members : step_bytes;
  return *next == next_member::found ? begin(member) : std::error_code{};
}

std::error_code archive_reader::state::write_piece(std::uint64_t& work) {
  auto& file = *current;
  const auto piece = members->read();
  if (!piece)
    return piece.error();
  const auto& bytes = piece->bytes;
  if (bytes.empty())
    return end_file();
  // Maps of holes may say anything.
  if (bytes.size() >
          file.about.size - std::min(file.written, file.about.size) ||
      piece->offset > file.about.size - bytes.size())
    return complaint.about(file.path, "is larger than it says");
  if (auto error = write_at(file.fd.get(), bytes, piece->offset))
    return complaint.about(file.path, "cannot be written: " + error.message(),
                           error);
  file.end = std::max(file.end, piece->offset + bytes.size());
  file.written += bytes.size();
  written += bytes.size();
  work += bytes.size();
  return {};
}

std::error_code archive_reader::state::end_file() {
  auto& file = *current;
  // A hole at its end.
  if (file.end < file.about.size &&
      ::ftruncate(file.fd.get(), static_cast<off_t>(file.about.size)) != 0)
    return complaint.about(file.path, "cannot be written", os_error());
  if (auto error = flush_file(file.fd.get()))
    return complaint.about(file.path, "cannot be written: " + error.message(),
                           error);
  if (file.about.modified_ns)
    set_modified(file.fd.get(), *file.about.modified_ns);
  const auto info = listed.size() < options.max_listed
                        ? info_of(file.fd.get())
                        : result<file_info>{file_info{}};
  list(std::move(file.path), file.about.size, info ? info->modified_ns : 0);
  current.reset();
  return {};
}

std::error_code archive_reader::state::advance(std::uint64_t& work) {
  if (current)
    return write_piece(work);
  if (!all_found)
    return begin_next(work);
  work += step_bytes;
  auto error = tree.make_links(step_members, complaint);
  done = !error && tree.has_all_links();
  return error;
}

archive_reader::archive_reader(std::unique_ptr<state> s) noexcept
    : state_(std::move(s)) {}
archive_reader::archive_reader(archive_reader&&) noexcept = default;
archive_reader& archive_reader::operator=(archive_reader&&) noexcept = default;
archive_reader::~archive_reader() = default;

result<archive_reader> archive_reader::open(unique_fd archive,
                                            const root_dir& root,
                                            std::string_view destination,
                                            const extract_options& options,
                                            pending_files& pending) {
  const auto info = info_of(archive.get());
  if (!info)
    return info.error();
  if (info->kind != file_kind::file)
    return make_error_code(errc::not_a_file);
  auto target = find_target(root, destination);
  if (!target)
    return target.error();
  auto tree = unpacked_tree::make(*target, options.limits.max_folders, pending);
  if (!tree)
    return tree.error();
  return archive_reader{std::make_unique<state>(std::move(archive), info->size,
                                                std::move(*target),
                                                std::move(*tree), options)};
}

result<extract_progress> archive_reader::step() {
  auto& own = *state_;
  for (std::uint64_t work = 0; !own.failed && !own.done && work < step_bytes;)
    own.failed = own.advance(work);
  if (own.failed)
    return own.failed;
  return extract_progress{own.found, own.written,
                          std::min(own.members->position(), own.size), own.size,
                          own.done};
}

result<extracted> archive_reader::finish() {
  auto& own = *state_;
  if (!own.done)
    return own.failed ? own.failed : os_error(EINVAL);
  std::sort(own.listed.begin(), own.listed.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  std::vector<std::pair<std::size_t, std::string>> placed;
  const auto renamed = [&](const std::string& path, const std::string& now) {
    const auto at = std::lower_bound(own.listed.begin(), own.listed.end(), path,
                                     [](const auto& file, const auto& wanted) {
                                       return file.path < wanted;
                                     });
    if (at != own.listed.end() && at->path == path)
      placed.emplace_back(at - own.listed.begin(), now);
  };
  own.failed = put_in_place(own.tree, own.target, own.options.policy, renamed,
                            own.complaint);
  own.done = false;
  if (own.failed)
    return own.failed;
  for (auto& [index, path] : placed)
    own.listed[index].path = std::move(path);
  return extracted{own.files, own.written, std::move(own.listed)};
}

const std::string& archive_reader::complaint() const noexcept {
  return state_->complaint.text();
}

result<unique_fd> open_spool(const root_dir& root, std::string_view destination,
                             pending_files& pending) {
  const auto target = find_target(root, destination);
  if (!target)
    return target.error();
  root_dir::place place;
  auto folder = target->folder.open("", O_PATH | O_DIRECTORY);
  if (!folder)
    return folder.error();
  place.folder = std::move(*folder);
  auto spool = create_unnamed(place.folder.get(), 0600);
  if (spool || spool.error() != std::errc::operation_not_supported)
    return spool;
  // Where there are none without a name: its name is removed at once.
  const auto entry = pending_entry::make(target->folder, place, pending);
  if (!entry)
    return entry.error();
  return create_entry(place.folder.get(), entry->name(), 0600);
}

} // namespace outrigger::os
