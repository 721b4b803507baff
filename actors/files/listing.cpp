#include "actors/files/listing.hpp"

#include <algorithm>
#include <utility>

#include "actors/files/faults.hpp"
#include "actors/files/file_calls.hpp"
#include "actors/os/files/content.hpp"
#include "actors/os/files/file_read.hpp"
#include "protocol/files/file_path.hpp"

namespace outrigger {
namespace {

/// A text that is longer is not given along with a listing.
constexpr std::uint64_t longest_content = 1024 * 1024;

/// A file that is longer is listed without its digest, which would keep a
/// thread from everybody else for too long.
constexpr std::uint64_t longest_digested = std::uint64_t{4} << 30;

/// A .gitignore that is longer is none.
constexpr std::size_t longest_ignore = 1024 * 1024;

ignore_options options_of(const list_query& query) {
  ignore_options out;
  out.gitignore = query.gitignore;
  out.hidden = query.hidden;
  out.ignore_globs = query.ignore;
  out.path_filter = query.path_filter;
  out.extensions = query.extensions_only;
  return out;
}

/// The folders a path is in, the root first.
std::vector<std::string_view> folders_of(std::string_view path) {
  std::vector<std::string_view> out;
  for (std::size_t end = 0; end < path.size();) {
    out.push_back(path.substr(0, end));
    end = std::min(path.find('/', end + 1), path.size());
  }
  return out;
}

} // namespace

std::vector<outer_ignore> ignores_above(const file_place& place) {
  std::vector<outer_ignore> out;
  const std::string_view path{place.path};
  const auto add = [&](std::string_view folder, std::string_view name) {
    auto file = os::open_regular(
        place.root, folder.empty() ? std::string{name}
                                   : join_path(folder, std::string{name}));
    if (!file)
      return;
    const auto begin = folder.empty() ? 0 : folder.size() + 1;
    if (auto text = os::read_whole(file->fd.get(), longest_ignore))
      out.push_back({std::string{path.substr(std::min(begin, path.size()))},
                     std::move(*text)});
  };
  auto folders = folders_of(path);
  for (const auto folder : folders)
    add(folder, ".git/info/exclude");
  add(path, ".git/info/exclude");
  for (const auto folder : folders)
    add(folder, ".gitignore");
  return out;
}

listing::listing(const file_place& place, const list_query& query)
    : place_{place}, query_{query}, filter_{options_of(query),
                                            query.gitignore
                                                ? ignores_above(place)
                                                : std::vector<outer_ignore>{}},
      budget_{query.content_budget} {}

result<std::unique_ptr<listing>> listing::begin(const file_place& place,
                                                const list_query& query) {
  // Not make_unique: the constructor is nobody else's.
  std::unique_ptr<listing> out{new listing{place, query}};
  os::walk_options how;
  how.max_depth = query.nested || query.flatten ? query.max_depth : 1;
  how.light = query.light && !query.hash && !query.content;
  auto walk = os::tree_walk::begin(place.root, place.path, how, &out->filter_);
  if (!walk)
    return to_error(walk.error(), place.spelling);
  out->walk_ = std::move(*walk);
  return out;
}

bool listing::wanted(const os::walk_entry& entry) const {
  return !query_.code_only || entry.info.kind != os::file_kind::file ||
         is_code(name_of(entry.path));
}

std::optional<file_entry> listing::next(const std::stop_token& stop) {
  const os::walk_entry* entry = nullptr;
  do {
    entry = stop.stop_requested() ? nullptr : walk_->next();
  } while (entry && !wanted(*entry));
  if (!entry)
    return std::nullopt;
  auto out = to_entry(entry->info, place_.shown_below(entry->path));
  out.depth = entry->depth;
  if (out.kind == entry_kind::file && opens_files(query_))
    look_inside(*entry, out, stop);
  return out;
}

/// What cannot be read, or went meanwhile, is listed without.
void listing::look_inside(const os::walk_entry& entry, file_entry& out,
                          const std::stop_token& stop) {
  const auto file = os::open_regular(entry.folder, entry.name());
  if (!file)
    return;
  if (query_.hash && file->info.size <= longest_digested)
    if (auto digest =
            os::digest_of(file->fd.get(), os::digest_kind::sha256, stop))
      out.hash = std::move(*digest);
  const auto room = std::min(budget_, longest_content);
  if (!query_.content || file->info.size > room)
    return;
  auto bytes = os::read_whole(file->fd.get(), room);
  if (!bytes)
    return;
  auto shown = to_shown(std::move(*bytes));
  if (shown.is_base64)
    return;
  budget_ -= shown.text.size();
  out.content = std::move(shown.text);
}

} // namespace outrigger
