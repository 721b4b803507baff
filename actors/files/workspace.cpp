#include "actors/files/workspace.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "actors/files/faults.hpp"
#include "protocol/files/file_path.hpp"

namespace outrigger {

namespace {

/// "403 for / /bin /sbin …": what a machine does not run without.
constexpr std::array<std::string_view, 13> system_folders{
    "/",    "/bin", "/sbin", "/usr", "/lib",  "/lib32", "/lib64",
    "/etc", "/dev", "/proc", "/sys", "/boot", "/run"};

/// How often it is asked whether a root is still where it was.
constexpr std::chrono::seconds look_interval{1};

error no_right(std::string_view path, right wanted, bool visible) {
  if (wanted == right::use && visible)
    return file_error(file_fault::read_only, path,
                      "the credential may only read here");
  return file_error(file_fault::denied, path,
                    "the credential has no scope for it");
}

/// "/", however it is spelt.
bool is_top(std::string_view path) {
  const auto normal = normalise_path(path);
  return path.starts_with('/') && normal && *normal == "/";
}

/// The daemon's own paths as the kernel calls them.
std::vector<std::string> real_paths(const std::vector<std::string>& paths,
                                    os::path_resolver how) {
  std::vector<std::string> real;
  for (const auto& path : paths) {
    // Of a file, the folder's path without links, and its name.
    auto folder = os::root_dir::open(std::string{folder_of(path)}, how);
    if (auto itself = os::root_dir::open(path, how))
      real.push_back(itself->path());
    else if (folder)
      real.push_back(join_path(folder->path(), name_of(path)));
  }
  return real;
}

} // namespace

std::string file_place::shown_below(std::string_view rest) const {
  return join_path(shown, rest);
}

workspace::root::root(os::root_dir dir, std::string given,
                      std::vector<std::string> closed)
    : state_{new state{
          std::move(given), dir.path(), std::move(closed), {}, dir, {}}} {
  state_->dir.keep_closed(state_->closed);
}

os::root_dir workspace::root::current() const {
  const std::scoped_lock held{state_->lock};
  const auto now = std::chrono::steady_clock::now();
  if (now - state_->looked_at < look_interval)
    return state_->dir;
  state_->looked_at = now;
  if (state_->dir.is_current())
    return state_->dir;
  // Not there now: what was it is answered for until there is another.
  auto again = os::root_dir::open(state_->given, state_->dir.resolver());
  if (!again)
    return state_->dir;
  again->keep_closed(state_->closed);
  state_->dir = std::move(*again);
  return state_->dir;
}

result<workspace> workspace::open(const setup& wanted) {
  workspace out;
  const auto how = os::choose_resolver();
  const auto closed = real_paths(wanted.closed, how);
  auto folders = wanted.roots;
  folders.insert(folders.begin(), wanted.root);
  if (!wanted.everything.empty())
    folders.push_back(wanted.everything);
  for (const auto& folder : folders) {
    auto given = normalise_path(folder);
    if (!given)
      return given.error();
    auto dir = os::root_dir::open(*given, how);
    if (!dir)
      return error{errc::malformed,
                   "root " + folder + ": " + dir.error().message()};
    out.roots_.emplace_back(std::move(*dir), std::move(*given), closed);
  }
  out.whole_machine_ = wanted.everything == "/";
  out.home_ = wanted.home;
  return out;
}

result<workspace::candidate> workspace::find(std::string_view path,
                                             path_style style) const {
  const auto& own = roots_[0];
  if (style == path_style::workspace) {
    auto normal = normalise_path(path);
    if (!normal)
      return normal.error();
    return candidate{&own, normal->substr(1), "/"};
  }
  std::string whole{path};
  if (path == "~" || path.starts_with("~/"))
    whole = home_ + whole.substr(1);
  else if (path.empty() || (!whole_machine_ && is_top(path)))
    whole = own.given();
  else if (path.front() != '/') {
    // So that ".." is not above the top before it is above the workspace.
    auto normal = normalise_path(path);
    if (!normal)
      return normal.error();
    whole = join_path(own.given(), normal->substr(1));
  }
  auto normal = normalise_path(whole);
  if (!normal)
    return normal.error();
  candidate best;
  std::size_t longest = 0;
  for (const auto& each : roots_)
    for (const auto* name : {&each.given(), &each.real()})
      if (auto rest = below(*normal, *name); rest && name->size() > longest) {
        longest = name->size();
        best = {&each, std::string{*rest}, *name};
      }
  if (!best.where)
    return file_error(file_fault::outside, path);
  return best;
}

result<file_place> workspace::locate(std::string_view path, path_style style,
                                     const scope_set& scopes,
                                     right wanted) const {
  auto found = find(path, style);
  if (!found) {
    auto err = found.error();
    if (!err.path.empty())
      err.path = path.substr(0, 200);
    return err;
  }
  file_place place{found->where->current(), found->rest,
                   join_path(found->top, found->rest), std::string{path},
                   found->rest.empty()};
  // Narrowed scopes are about the workspace directory.
  const bool own = found->where == &roots_[0];
  const auto inside = own ? "/" + found->rest : std::string{"/"};
  const auto folder = scopes.folder_for(inside, wanted);
  if (!folder || (!own && *folder != "/"))
    return no_right(path, wanted, own && scopes.on_file(inside) != right::none);
  if (*folder == "/")
    return place;
  auto narrow = place.root.narrow(folder->substr(1));
  if (!narrow)
    return to_error(narrow.error(), path);
  // A link in its place would stand for another folder than was meant.
  if (narrow->path() != join_path(place.root.path(), folder->substr(1)))
    return file_error(file_fault::denied, path,
                      "the credential's folder is behind a link");
  place.root = std::move(*narrow);
  place.path = std::string{*below(inside, *folder)};
  place.is_root = place.path.empty();
  return place;
}

result<void> workspace::check_removable(const file_place& place) const {
  const auto refuse = [&](std::string_view why) {
    return file_error(file_fault::denied, place.spelling, why);
  };
  if (place.is_root)
    return refuse("the workspace itself");
  auto found = place.root.find(place.path);
  if (!found)
    return to_error(found.error(), place.spelling);
  const auto inside = found->folder_path.empty()
                          ? found->name
                          : join_path(found->folder_path, found->name);
  const auto real = join_path(place.root.path(), inside);
  if (std::find(system_folders.begin(), system_folders.end(), real) !=
      system_folders.end())
    return refuse("a directory of the system");
  if (place.root.has_closed(inside))
    return refuse("the daemon's own files are in it");
  for (const auto& each : roots_)
    if (below(each.real(), real) || below(each.given(), real))
      return refuse("the workspace is in it");
  return {};
}

std::vector<os::root_dir> workspace::root_dirs() const {
  std::vector<os::root_dir> all;
  for (const auto& each : roots_)
    all.push_back(each.current());
  return all;
}

std::string workspace::in_workspace(std::string_view real_path) const {
  const auto rest = below(real_path, roots_[0].real());
  return rest ? "/" + std::string{*rest} : std::string{};
}

} // namespace outrigger
