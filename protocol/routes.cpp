#include "protocol/routes.hpp"

#include <algorithm>
#include <array>

#include "protocol/ascii.hpp"
#include "protocol/percent.hpp"

namespace outrigger {

namespace {

constexpr auto table = std::to_array<route>({
    {route_id::console, "GET", "/", scope::none, subject::everything, false,
     "the web console and its assets"},
    {route_id::health, "GET", "/health", scope::none, subject::everything,
     false, "whether the daemon is well"},
    {route_id::runtime, "GET", "/runtime", scope::read, subject::everything,
     false, "the machine the terminals run on"},
    {route_id::runtimes, "GET", "/runtimes", scope::read, subject::everything,
     false, "every target that has terminals: this one"},
    {route_id::terminals_list, "GET", "/terminals", scope::read,
     subject::terminals, false, "all terminals, ended ones included"},
    {route_id::terminals_create, "POST", "/terminals", scope::terminal,
     subject::everything, false, "starts a terminal"},
    {route_id::terminal_show, "GET", "/terminals/{id}", scope::read,
     subject::terminal, false, "one terminal"},
    {route_id::terminal_delete, "DELETE", "/terminals/{id}", scope::terminal,
     subject::terminal, false, "ends a terminal and forgets it"},
    {route_id::terminal_scrollback, "GET", "/terminals/{id}/scrollback",
     scope::read, subject::terminal, false, "the output still kept, base64"},
    {route_id::terminal_resize, "POST", "/terminals/{id}/resize",
     scope::terminal, subject::terminal, false, "sets the window size"},
    {route_id::terminal_resize, "PUT", "/terminals/{id}/resize",
     scope::terminal, subject::terminal, false, "sets the window size"},
    {route_id::ticket, "POST", "/ticket", scope::any, subject::everything,
     false, "a credential for one use, so that a URL needs no token"},
    {route_id::metrics, "GET", "/metrics", scope::read, subject::everything,
     false, "what the daemon counts about itself, for Prometheus"},
    {route_id::files_list, "GET", "/files", scope::read, subject::files, false,
     "lists a folder, or all below it"},
    {route_id::files_stream, "GET", "/files/stream", scope::read,
     subject::files, false, "all below a folder, a line of JSON each"},
    {route_id::files_read, "GET", "/files/read", scope::read, subject::files,
     false, "a text file, or some of its lines"},
    {route_id::files_write, "POST", "/files/write", scope::files,
     subject::files, false, "writes a file, whole or at its end", true},
    {route_id::files_write, "PUT", "/files/write", scope::files, subject::files,
     false, "writes a file, whole or at its end", true},
    {route_id::files_mkdir, "POST", "/files/mkdir", scope::files,
     subject::files, false, "makes a folder, and those it is in"},
    {route_id::files_stat, "GET", "/files/stat", scope::read, subject::files,
     false, "what a file is"},
    {route_id::files_delete, "POST", "/files/delete", scope::files,
     subject::files, false, "removes a file, or a folder with all in it"},
    {route_id::files_delete, "DELETE", "/files/delete", scope::files,
     subject::files, false, "removes a file, or a folder with all in it"},
    {route_id::files_download, "POST", "/files/transfer/download", scope::read,
     subject::files, false, "files and folders as tar.gz"},
    {route_id::files_upload, "POST", "/files/transfer/upload", scope::files,
     subject::files, false, "unpacks a tar.gz into a folder", true},
    {route_id::files_search, "GET", "/files/search", scope::read,
     subject::files, false, "lines in files that match"},
    {route_id::files_search_files, "GET", "/files/search/files", scope::read,
     subject::files, false, "files by a part of their path"},
    {route_id::files_search_init, "GET", "/files/search/init", scope::read,
     subject::files, false, "whether ripgrep is there"},
    {route_id::files_search_init, "POST", "/files/search/init", scope::files,
     subject::files, false, "asks for ripgrep to be there"},
    {route_id::runtime_tree, "GET", "/api/v1/files", scope::read,
     subject::files, false, "the tree below a folder"},
    {route_id::runtime_tree, "GET", "/api/v1/files/tree", scope::read,
     subject::files, false, "the tree below a folder"},
    {route_id::runtime_tree, "GET", "/api/v1/files/tree/children", scope::read,
     subject::files, false, "the tree below a folder"},
    {route_id::runtime_create, "POST", "/api/v1/files", scope::files,
     subject::files, false, "makes a file or a folder"},
    {route_id::runtime_delete, "DELETE", "/api/v1/files", scope::files,
     subject::files, false, "removes a file or a folder"},
    {route_id::runtime_get, "GET", "/api/v1/files/content", scope::read,
     subject::files, false, "a file: as JSON, or its bytes"},
    {route_id::runtime_put, "PUT", "/api/v1/files/content", scope::files,
     subject::files, false, "writes a file", true},
    {route_id::runtime_put_batch, "POST", "/api/v1/files/content/batch",
     scope::files, subject::files, false, "writes several files", true},
    {route_id::runtime_delete_batch, "POST", "/api/v1/files/batch-delete",
     scope::files, subject::files, false, "removes several files and folders"},
    {route_id::runtime_copy, "POST", "/api/v1/files/copy", scope::files,
     subject::files, false, "copies a file or a folder"},
    {route_id::runtime_move, "POST", "/api/v1/files/move", scope::files,
     subject::files, false, "moves or renames a file or a folder"},
    {route_id::runtime_extract, "POST", "/api/v1/files/extract", scope::files,
     subject::files, false, "begins to unpack an archive"},
    {route_id::runtime_extract_show, "GET", "/api/v1/files/extract/{id}",
     scope::read, subject::files, false, "how far unpacking is"},
    {route_id::runtime_upload, "POST", "/api/v1/files/upload", scope::files,
     subject::files, false, "takes files from a form", true},
    {route_id::runtime_get, "GET", "/api/v1/files/{path...}", scope::read,
     subject::files, false, "a file: as JSON, or its bytes"},
    {route_id::runtime_put, "PUT", "/api/v1/files/{path...}", scope::files,
     subject::files, false, "writes a file", true},
    {route_id::runtime_delete, "DELETE", "/api/v1/files/{path...}",
     scope::files, subject::files, false, "removes a file or a folder"},
    {route_id::watchers_create, "POST", "/watchers", scope::files,
     subject::files, false, "watches a folder, for every client of /ws"},
    {route_id::watchers_list, "GET", "/watchers", scope::read, subject::files,
     false, "all watchers"},
    {route_id::watcher_show, "GET", "/watchers/{id}", scope::read,
     subject::files, false, "one watcher"},
    {route_id::watcher_delete, "DELETE", "/watchers/{id}", scope::files,
     subject::files, false, "ends a watcher"},
    {route_id::runtime_websocket, "GET", "/api/v1/ws", scope::read,
     subject::files, true,
     "changes of files and the machine's load, as they "
     "happen"},
    // Needs nothing, because some clients authenticate after the upgrade: a
    // socket without a credential may open, hears nothing, and has ten seconds
    // for one frame that brings the token.
    {route_id::websocket, "GET", "/ws", scope::none, subject::everything, true,
     "the terminals' WebSocket"},
});

using segments = std::vector<std::string>;

/// The decoded segments of a path; null when an escape is bad or the path
/// does not begin with a slash.
std::optional<segments> split_path(std::string_view path) {
  if (path.empty() || path.front() != '/')
    return std::nullopt;
  segments out;
  for (const auto raw : ascii::split(path.substr(1), '/')) {
    auto decoded = percent_decode(raw, false);
    if (!decoded)
      return std::nullopt;
    out.push_back(std::move(*decoded));
  }
  return out;
}

/// Drops the first `count` segments of an undecoded path.
std::string_view without_segments(std::string_view path, std::size_t count) {
  for (; count > 0; --count) {
    const auto slash = path.find('/', 1);
    if (slash == std::string_view::npos)
      return "/";
    path.remove_prefix(slash);
  }
  return path;
}

/// Takes the dialect's prefixes off `path`, each at most once, in any order.
/// False when it names a target that is not this machine.
bool strip_prefixes(std::string_view& path, segments& parts, bool& stripped) {
  bool seen_oblien = false;
  bool seen_target = false;
  for (;;) {
    std::size_t count = 0;
    if (!seen_oblien && parts[0] == "oblien") {
      seen_oblien = true;
      count = 1;
    } else if (!seen_target && parts[0] == "runtimes" && parts.size() > 1) {
      if (parts[1] != "default" && parts[1] != "local")
        return false;
      seen_target = true;
      count = 2;
    } else {
      return true;
    }
    stripped = true;
    path = without_segments(path, count);
    parts.erase(parts.begin(),
                parts.begin() + static_cast<std::ptrdiff_t>(count));
    if (parts.empty())
      parts.emplace_back(); // as "/" splits
  }
}

bool is_placeholder(std::string_view segment) {
  return !segment.empty() && segment.front() == '{';
}

/// Stands for all that is left of the path, but not for nothing.
bool is_rest(std::string_view segment) {
  return is_placeholder(segment) && segment.ends_with("...}");
}

std::string join(const segments& parts, std::size_t from) {
  std::string out;
  for (; from < parts.size(); ++from)
    out.append("/").append(parts[from]);
  return out;
}

/// Whether the path has the pattern's form; `id` is what {id} stands for.
bool matches(const route& row, const segments& parts, std::string& id) {
  const auto wanted = ascii::split(row.pattern.substr(1), '/');
  const bool open = is_rest(wanted.back());
  if (open ? wanted.size() > parts.size() : wanted.size() != parts.size())
    return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_rest(wanted[i])) {
      id = join(parts, i);
      return id != "/";
    }
    if (is_placeholder(wanted[i]))
      id = parts[i];
    else if (wanted[i] != parts[i])
      return false;
  }
  return true;
}

/// Calls that are about one terminal and do not say which.
bool lacks_id(std::string_view method, const segments& parts) {
  return parts.size() == 1 && parts[0] == "terminals" &&
         (method == "DELETE" || method == "PUT");
}

void add_allowed(std::string& allowed, std::string_view method) {
  if (!allowed.empty())
    allowed += ", ";
  allowed += method;
}

} // namespace

std::span<const route> routes() {
  return table;
}

result<route_match> match_route(std::string_view method, std::string_view path,
                                bool (*is_asset)(std::string_view)) {
  static const error unknown{errc::not_found, "no such route"};
  static const error no_id{errc::malformed, "terminal id is missing"};
  auto parts = split_path(path);
  if (!parts)
    return error{errc::malformed, "the path is malformed"};
  route_match out;
  if (!strip_prefixes(path, *parts, out.oblien))
    return unknown;
  out.canonical = path;
  if (lacks_id(method, *parts))
    return no_id;

  const auto wanted = method == "HEAD" ? std::string_view{"GET"} : method;
  std::string allowed;
  for (const auto& row : table) {
    std::string id;
    if (!matches(row, *parts, id))
      continue;
    if (row.about == subject::terminal && id.empty())
      return no_id;
    if (row.method == wanted) {
      out.matched = &row;
      out.id = std::move(id);
      return out;
    }
    add_allowed(allowed, row.method);
  }
  if (!allowed.empty())
    return error{errc::method, std::move(allowed)};
  if (wanted == "GET" && is_asset && is_asset(out.canonical)) {
    out.matched = &table.front();
    return out;
  }
  return unknown;
}

} // namespace outrigger
