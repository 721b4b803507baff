#include "actors/os/files/tree_walk.hpp"

#include "actors/os/files/file_read.hpp"
#include "actors/os/files/folder_names.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace outrigger::os {

namespace {

/// "it is no regular file of at most 1 MiB".
constexpr std::size_t max_filter_file = 1024 * 1024;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

/// A folder the walk is in.
struct level {
  unique_fd fd; // none: closed for a while, and `was` tells which it was
  folder_names names;
  std::size_t next = 0;   // of names
  std::size_t prefix = 0; // bytes of a path that are before the name
  bool guarded = false;   // something in it is kept closed
  file_info was = {};
};

std::optional<std::string> read_small(const level& in,
                                      const std::string& name) {
  if (!in.names.has_file(name))
    return std::nullopt; // without a system call
  const auto file = open_regular(in.fd.get(), name);
  if (!file)
    return std::nullopt;
  auto text = read_whole(file->fd.get(), max_filter_file);
  return text ? std::optional{std::move(*text)} : std::nullopt;
}

} // namespace

struct tree_walk::state {
  root_dir root; // the walk's
  walk_options options;
  walk_filter* filter = nullptr;
  std::vector<level> levels;
  std::size_t first_open = 0; // of levels: those further out are closed
  std::size_t held = 0;       // bytes of the names of all levels
  walk_entry entry = {};
  bool enters = false; // the current entry, next
  std::size_t unreadable = 0;

  std::error_code enter(result<unique_fd> opened);
  void enter_current();
  void leave();
  bool reopen_last();
  bool show(const level& in, const folder_names::entry& found);
  bool wanted(const level& in) const;
  bool look(const level& in, const folder_names::entry& found);
};

/// Goes into a folder: the root, or the one that is the current entry.
std::error_code tree_walk::state::enter(result<unique_fd> opened) {
  if (!opened)
    return opened.error();
  auto names = folder_names::read(opened->get(), options.max_names - held);
  if (!names)
    return names.error();
  held += names->bytes();
  if (options.fold_case)
    names->fold_case();
  const auto prefix = entry.path.empty() ? 0 : entry.path.size() + 1;
  levels.push_back({std::move(*opened), std::move(*names), 0, prefix,
                    root.has_closed(entry.path)});
  if (filter != nullptr)
    filter->enter(entry.path, [&in = levels.back()](const std::string& name) {
      return read_small(in, name);
    });
  if (levels.size() - first_open > std::max<std::size_t>(options.max_open, 1)) {
    auto& outermost = levels[first_open++];
    if (const auto info = info_of(outermost.fd.get()))
      outermost.was = *info;
    outermost.fd.reset();
  }
  return {};
}

void tree_walk::state::enter_current() {
  enters = false;
  const auto& in = levels.back();
  // The path is as it is shown, the folder as it is opened: no link.
  if (enter(open_entry(in.fd.get(), entry.name(), folder_flags)))
    ++unreadable;
}

void tree_walk::state::leave() {
  held -= levels.back().names.bytes();
  levels.pop_back();
  if (filter != nullptr)
    filter->leave();
}

/// By its path, which may lead to another folder by now: that is not walked.
bool tree_walk::state::reopen_last() {
  auto& in = levels.back();
  if (in.fd)
    return true;
  const auto path = entry.path.substr(0, in.prefix > 0 ? in.prefix - 1 : 0);
  auto opened = root.open(path, folder_flags);
  if (!opened)
    return false;
  const auto info = info_of(opened->get());
  if (!info || info->inode != in.was.inode || info->device != in.was.device)
    return false;
  in.fd = std::move(*opened);
  first_open = levels.size() - 1;
  return true;
}

bool tree_walk::state::wanted(const level& in) const {
  if (in.guarded && root.is_closed(entry.path))
    return false;
  return filter == nullptr ||
         filter->wants(entry.path, entry.info.kind == file_kind::directory);
}

/// Asks the kernel about the current entry; false: it went meanwhile.
bool tree_walk::state::look(const level& in, const folder_names::entry& found) {
  struct stat status {};
  if (::fstatat(in.fd.get(), found.name.data(), &status, AT_SYMLINK_NOFOLLOW) !=
      0)
    return errno != ENOENT; // its kind is known, if nothing else
  entry.info = to_info(status);
  // Another one has taken its place meanwhile.
  return entry.info.kind == found.kind || wanted(in);
}

/// Makes an entry the current one; false: it is left out.
bool tree_walk::state::show(const level& in, const folder_names::entry& found) {
  entry.path.resize(in.prefix, '/');
  entry.path.append(found.name);
  entry.depth = levels.size();
  entry.info = {};
  entry.info.kind = found.kind;
  entry.folder = in.fd.get();
  if (!wanted(in) || (!options.light && !look(in, found)))
    return false;
  enters = entry.info.kind == file_kind::directory &&
           entry.depth < options.max_depth;
  return true;
}

result<tree_walk> tree_walk::begin(const root_dir& root,
                                   std::string_view folder,
                                   const walk_options& options,
                                   walk_filter* filter) {
  auto inner = root.narrow(folder);
  if (!inner)
    return inner.error();
  auto opened = inner->open("", folder_flags);
  auto walk =
      std::make_unique<state>(state{std::move(*inner), options, filter, {}});
  if (auto error = walk->enter(std::move(opened)))
    return error;
  return tree_walk{std::move(walk)};
}

tree_walk::tree_walk(std::unique_ptr<state> s) noexcept
    : state_(std::move(s)) {}
tree_walk::tree_walk(tree_walk&&) noexcept = default;
tree_walk& tree_walk::operator=(tree_walk&&) noexcept = default;
tree_walk::~tree_walk() = default;

const walk_entry* tree_walk::next() {
  auto& walk = *state_;
  if (walk.enters)
    walk.enter_current();
  while (!walk.levels.empty()) {
    auto& in = walk.levels.back();
    if (in.next == in.names.size()) {
      walk.leave();
      continue;
    }
    if (!walk.reopen_last()) {
      ++walk.unreadable;
      walk.leave();
      continue;
    }
    if (walk.show(in, in.names[in.next++]))
      return &walk.entry;
  }
  return nullptr;
}

void tree_walk::skip_folder() {
  state_->enters = false;
}

std::size_t tree_walk::unreadable() const noexcept {
  return state_->unreadable;
}

} // namespace outrigger::os
