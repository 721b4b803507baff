#include "actors/os/files/archive_writer.hpp"

#include "actors/os/error.hpp"
#include "actors/os/files/archive_names.hpp"
#include "actors/os/files/file_read.hpp"
#include "actors/os/files/gzip_stream.hpp"
#include "actors/os/files/pending_files.hpp"
#include "actors/os/files/tar_writer.hpp"
#include "actors/os/files/tree_walk.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

namespace outrigger::os {

namespace {

constexpr std::size_t piece_size = 128 * 1024;
constexpr std::size_t read_size = 128 * 1024;

/// What is done for a piece that does not get full: bytes, of which an entry
/// counts for some.
constexpr std::uint64_t piece_work = std::uint64_t{4} << 20;
constexpr std::uint64_t entry_work = 8 * 1024;

constexpr std::size_t max_told = 100;

/// A source, looked at.
struct prepared {
  root_dir root;
  std::string path;
  std::string name; // in the archive; "." for the content of a folder
  file_info info;
};

/// Leaves out what is excluded, and files that are being written.
class excluding final : public walk_filter {
public:
  explicit excluding(archive_options options) : options_(std::move(options)) {}

  void enter(std::string_view, const reader&) override {}
  void leave() override {}
  bool wants(std::string_view path, bool is_folder) override {
    const auto name = path.substr(path.rfind('/') + 1);
    if (name.starts_with(pending_prefix) && name.ends_with(pending_suffix))
      return false;
    return !options_.exclude || !options_.exclude(path, is_folder);
  }

private:
  archive_options options_;
};

result<std::string> read_link(int folder, const std::string& name) {
  std::array<char, PATH_MAX> text{};
  const ssize_t size =
      ::readlinkat(folder, name.c_str(), text.data(), text.size());
  if (size < 0)
    return os_error();
  return std::string(text.data(), static_cast<std::size_t>(size));
}

bool is_content(std::string_view path) {
  return path == "." || path.ends_with("/.");
}

/// Without "." and slashes at the end.
std::string_view trimmed(std::string_view path) {
  while (path.ends_with('/') || is_content(path))
    path.remove_suffix(1);
  return path;
}

std::string name_of(const archive_source& source) {
  const auto path = trimmed(source.path);
  const auto& whole = source.root.path();
  const auto name = path.empty()
                        ? whole.substr(whole.rfind('/') + 1)
                        : std::string{path.substr(path.rfind('/') + 1)};
  return is_content(source.path) || name.empty() ? "." : name;
}

result<prepared> prepare(const archive_source& source) {
  auto name = name_of(source);
  if (name == "..")
    return os_error(EINVAL);
  prepared made{
      source.root, std::string{trimmed(source.path)}, std::move(name), {}};
  // Behind "/." there is the content of what a link leads to.
  const auto info =
      info_of(made.root, made.path, made.name == "." || made.path.empty());
  if (!info)
    return info.error();
  made.info = *info;
  if (made.name == "." && info->kind != file_kind::directory)
    return os_error(ENOTDIR);
  // What cannot be read is said now, when it can still be an answer.
  if (info->kind == file_kind::file || info->kind == file_kind::other)
    if (const auto opened = open_regular(made.root, made.path); !opened)
      return opened.error();
  return made;
}

bool is_same(const prepared& a, const prepared& b) {
  return a.info.inode == b.info.inode && a.info.device == b.info.device &&
         a.path == b.path && (a.name == ".") == (b.name == ".");
}

/// Gives it a name no other has.
void add(std::vector<prepared>& all, prepared source) {
  const auto taken = [&](const std::string& name) {
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& other) { return other.name == name; });
  };
  if (std::any_of(all.begin(), all.end(),
                  [&](const auto& other) { return is_same(other, source); }))
    return;
  const auto own = source.name;
  for (unsigned number = 1; source.name != "." && taken(source.name); ++number)
    source.name = numbered_name(own, number);
  all.push_back(std::move(source));
}

} // namespace

struct archive_writer::state {
  state(std::vector<prepared> from, archive_options options)
      : sources(std::move(from)), filter(std::move(options)),
        tar([this](std::string_view bytes) { gzip.add(bytes, out); }) {}

  std::vector<prepared> sources;
  std::size_t next_source = 0;
  excluding filter;
  std::optional<tree_walk> walk; // of a folder, while it is in it
  std::string prefix;            // of the names of what is walked
  unique_fd file;                // the file that is being read, and
  std::uint64_t file_offset = 0; // how far,
  std::uint64_t file_size = 0;   // and how far it goes
  std::string out;
  gzip_stream gzip;
  tar_writer tar;
  std::uint64_t work = 0; // done for this piece
  bool ended = false;
  std::error_code failed;
  all_passed_over over;

  std::error_code advance();
  std::error_code copy();
  void take_next();
  void take_source(const prepared& source);
  void add_file(const std::string& name, result<open_file> opened);
  void add_link(const std::string& name, const file_info& info,
                const result<std::string>& target);
  void add_folder(const std::string& name, const file_info& info);
  void add_entry(const walk_entry& entry);
  void pass_over(const std::string& name, std::error_code why);
};

void archive_writer::state::pass_over(const std::string& name,
                                      std::error_code why) {
  ++over.count;
  if (over.first.size() < max_told)
    over.first.push_back({name, why});
}

void archive_writer::state::add_file(const std::string& name,
                                     result<open_file> opened) {
  auto error = opened ? tar.begin(name, opened->info) : opened.error();
  if (error)
    return pass_over(name, error);
  file = std::move(opened->fd);
  file_offset = 0;
  file_size = opened->info.size;
}

void archive_writer::state::add_link(const std::string& name,
                                     const file_info& info,
                                     const result<std::string>& target) {
  const auto error = target ? tar.begin(name, info, *target) : target.error();
  if (error)
    pass_over(name, error);
}

void archive_writer::state::add_folder(const std::string& name,
                                       const file_info& info) {
  if (auto error = tar.begin(name, info))
    pass_over(name, error);
}

void archive_writer::state::add_entry(const walk_entry& entry) {
  const auto name = prefix + entry.path;
  switch (entry.info.kind) {
  case file_kind::file:
    return add_file(name, open_regular(entry.folder, entry.name()));
  case file_kind::directory:
    return add_folder(name, entry.info);
  case file_kind::link:
    return add_link(name, entry.info, read_link(entry.folder, entry.name()));
  case file_kind::other:
    return pass_over(name, errc::not_a_file);
  }
}

void archive_writer::state::take_source(const prepared& source) {
  if (source.info.kind == file_kind::link)
    return add_link(source.name, source.info,
                    link_target(source.root, source.path));
  if (source.info.kind != file_kind::directory)
    return add_file(source.name, open_regular(source.root, source.path));
  walk_options options;
  options.max_depth = SIZE_MAX;
  auto begun = tree_walk::begin(source.root, source.path, options, &filter);
  if (!begun)
    return pass_over(source.name, begun.error());
  walk = std::move(*begun);
  prefix = source.name + "/";
  add_folder(prefix, source.info);
}

void archive_writer::state::take_next() {
  work += entry_work;
  if (walk) {
    if (const auto* entry = walk->next())
      return add_entry(*entry);
    over.count += walk->unreadable();
    walk.reset();
  }
  if (next_source < sources.size())
    return take_source(sources[next_source++]);
  tar.finish();
  gzip.finish(out);
  ended = true;
}

std::error_code archive_writer::state::copy() {
  const auto left = file_size - file_offset;
  if (left == 0) {
    file.reset();
    return {};
  }
  const auto wanted = std::min<std::uint64_t>(read_size, left);
  auto bytes = read_at(file.get(), file_offset, wanted);
  if (!bytes)
    return bytes.error();
  bytes->resize(wanted); // zeros for what is gone
  tar.write(*bytes);
  file_offset += wanted;
  work += wanted;
  return {};
}

std::error_code archive_writer::state::advance() {
  if (file)
    return copy();
  take_next();
  return {};
}

archive_writer::archive_writer(std::unique_ptr<state> s) noexcept
    : state_(std::move(s)) {}
archive_writer::archive_writer(archive_writer&&) noexcept = default;
archive_writer& archive_writer::operator=(archive_writer&&) noexcept = default;
archive_writer::~archive_writer() = default;

result<archive_writer>
archive_writer::begin(std::vector<archive_source> sources,
                      archive_options options) {
  std::vector<prepared> all;
  for (const auto& source : sources) {
    auto made = prepare(source);
    if (!made)
      return made.error();
    add(all, std::move(*made));
  }
  return archive_writer{
      std::make_unique<state>(std::move(all), std::move(options))};
}

result<std::string> archive_writer::produce() {
  auto& own = *state_;
  own.out.clear();
  own.work = 0;
  while (!own.failed && !own.ended && own.out.size() < piece_size) {
    own.failed = own.advance();
    if (own.work >= piece_work) {
      own.gzip.flush(own.out);
      if (!own.out.empty())
        break;
      own.work = 0;
    }
  }
  if (own.failed)
    return own.failed;
  return std::move(own.out);
}

const all_passed_over& archive_writer::left_out() const noexcept {
  return state_->over;
}

} // namespace outrigger::os
