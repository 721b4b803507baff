// The route table: every path the daemon serves, with its methods and the
// scope it needs. There is no other way to add a route; a test compares this
// table with docs/wire.md.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"
#include "protocol/scopes.hpp"

namespace outrigger {

enum class route_id : std::uint8_t {
  console, // the page and its assets: any other GET path that exists
  health,
  runtime,
  runtimes,
  terminals_list,
  terminals_create,
  terminal_show,
  terminal_delete,
  terminal_scrollback,
  terminal_resize,
  ticket,
  metrics,
  // Files in the terminals dialect.
  files_list,
  files_stream,
  files_read,
  files_write,
  files_mkdir,
  files_stat,
  files_delete,
  files_download,
  files_upload,
  files_search,
  files_search_files,
  files_search_init,
  // Files in the runtime API.
  runtime_tree,
  runtime_get,
  runtime_put,
  runtime_put_batch,
  runtime_create,
  runtime_delete,
  runtime_delete_batch,
  runtime_copy,
  runtime_move,
  runtime_extract,
  runtime_extract_show,
  runtime_upload,
  // Watched folders.
  watchers_create,
  watchers_list,
  watcher_show,
  watcher_delete,
  websocket,         // /ws
  runtime_websocket, // /api/v1/ws
};

/// What a route is about, and with it how its need is judged.
enum class subject : std::uint8_t {
  everything, // the whole of what the route needs
  terminals,  // many: to see some of them will do, the answer is filtered
  terminal,   // the one {id} names: `read` is the right to view this one,
              // `terminal` the right to use it
  files,      // the right to some of them will do: the call's own path is
              // judged later
};

struct route {
  route_id id;
  std::string_view method;  // "GET"
  std::string_view pattern; // "/terminals/{id}"; one segment per {name}, at
                            // the end any number for {name...}
  scope needs;
  subject about = subject::everything;
  bool upgrade = false;     // a WebSocket upgrade, nothing else
  std::string_view summary; // for docs/wire.md
  bool streams = false;     // its body may be of any size: endpoint::upload
};

/// The whole table, in documentation order.
[[nodiscard]] std::span<const route> routes();

/// A request's place in the table.
struct route_match {
  const route* matched = nullptr;
  std::string id;        // what {id} or {path...} stood for, percent-decoded
  bool oblien = false;   // came in under /oblien or /runtimes/{target}
  std::string canonical; // the path without such a prefix
};

/// Finds the route of a method and an (undecoded) path. Strips the prefixes
/// `/oblien` and `/runtimes/{target}` (target "default" or "local"; another
/// one is not_found), in any nesting once each, before matching. HEAD matches
/// GET. `method` is an error when the path exists for other methods: the
/// detail then lists them, as in an Allow header ("GET, POST"). A missing id
/// (`/terminals/`, DELETE or PUT on `/terminals`) is malformed: "terminal id
/// is missing". Paths that match no pattern are the console's for GET and
/// HEAD, when `is_asset` says it has such a file, and not_found otherwise.
[[nodiscard]] result<route_match>
match_route(std::string_view method, std::string_view path,
            bool (*is_asset)(std::string_view));

} // namespace outrigger
