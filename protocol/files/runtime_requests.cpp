#include "protocol/files/runtime_requests.hpp"

#include <algorithm>

#include "protocol/files/body_reader.hpp"
#include "protocol/files/file_entry.hpp"
#include "protocol/files/file_fault.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/files/query_reader.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

/// "FILE_TREE_MAX_DEPTH=10; larger maxDepth silently clamped".
constexpr std::size_t max_tree_depth = 10;

constexpr std::size_t max_batch = 1000;

/// A call's path: the route's, or else the query's.
std::string path_of(query_reader& in, std::string_view route_path) {
  return route_path.empty() ? in.required("path") : std::string{route_path};
}

/// A body's path where the route may have said it already.
std::string path_of(body_reader& in, std::string_view route_path) {
  if (route_path.empty())
    return in.required("path");
  auto path = in.text("path");
  if (!path.empty()) {
    const auto own = normalise_path(path);
    const auto other = normalise_path(route_path);
    if (!own || !other || *own != *other)
      in.fail("path", "differs from the one in the URL");
  }
  return std::string{route_path};
}

} // namespace

const std::vector<std::string>& hidden_tree_names() {
  static const std::vector<std::string> names{
      ".git",          "node_modules", "__pycache__", ".venv", "venv",
      "dist",          "build",        ".next",       ".nuxt", "coverage",
      ".pytest_cache", "target",       "out",         "bin",   "obj",
      ".gradle",       ".idea",        ".vscode"};
  return names;
}

// -- trees --------------------------------------------------------------------

result<tree_query> parse_tree_query(const http_target& target) {
  query_reader in{target, "file tree"};
  tree_query query;
  query.path = in.text("path", "/");
  query.scope = in.text("scope");
  query.hidden = in.flag("includeHidden", false);
  // maxDepth=N shows N levels below the first, as it always did.
  query.max_depth = std::min<std::uint64_t>(
      in.number("maxDepth", 1, ~std::uint32_t{0}, max_tree_depth),
      max_tree_depth);
  if (in.failure())
    return *in.failure();
  return query;
}

// -- content ------------------------------------------------------------------

result<content_query> parse_content_query(const http_target& target,
                                          std::string_view route_path) {
  query_reader in{target, "file content"};
  content_query query;
  query.path = path_of(in, route_path);
  query.scope = in.text("scope");
  query.download = in.flag("download", false);
  query.raw = in.flag("raw", false) || query.download;
  if (in.failure())
    return *in.failure();
  return query;
}

result<put_body> parse_put_body(std::string_view body,
                                std::string_view route_path) {
  auto in = body_reader::parse(body, "put file", limits::max_json_write);
  if (!in)
    return in.error();
  put_body out;
  out.path = path_of(*in, route_path);
  auto content = in->optional_text("content");
  if (!content && !in->failure())
    in->fail("content", "is missing");
  out.scope = in->text("scope");
  out.expected_version = in->text("expectedVersionId");
  out.durable = in->flag("fsync");
  const auto encoding = in->text("encoding");
  if (in->failure())
    return *in->failure();
  auto bytes = from_shown(std::move(*content), encoding, "put file");
  if (!bytes)
    return bytes.error();
  out.content = std::move(*bytes);
  return out;
}

result<raw_put> parse_raw_put(const http_target& target,
                              std::string_view route_path) {
  query_reader in{target, "put file"};
  raw_put out;
  out.path = path_of(in, route_path);
  out.append = in.flag("append", false);
  out.offset = in.number("offset", 0, std::uint64_t{1} << 62);
  out.durable = in.flag("fsync", false);
  out.expected_version = in.text("expectedVersionId");
  if (out.append && out.offset)
    in.fail("offset", "and append exclude each other");
  if (in.failure())
    return *in.failure();
  return out;
}

result<batch_write> parse_batch_write(std::string_view body) {
  auto in = body_reader::parse(body, "put files", limits::max_json_write);
  if (!in)
    return in.error();
  const auto* files = in->find("files");
  if (!files || !files->IsArray() || files->Size() > max_batch)
    return json::bad_field("put files", "files",
                           "must be a list of at most 1000 objects");
  batch_write out;
  for (const auto& each : files->GetArray()) {
    if (!each.IsObject())
      return json::bad_field("put files", "files", "must hold objects");
    const json::fields one{each, "put files"};
    auto path = one.text("path");
    auto content = one.text("content");
    if (!path || !*path)
      return json::bad_field("put files", "path", "is missing");
    if (!content)
      return content.error();
    out.files.emplace_back(std::move(**path), std::move(*content));
  }
  return out;
}

// -- changes ------------------------------------------------------------------

result<create_body> parse_create_body(std::string_view body) {
  auto in = body_reader::parse(body, "create", limits::max_json_write);
  if (!in)
    return in.error();
  create_body out;
  out.path = in->required("path");
  const auto type = in->required("type");
  if (!in->failure() && type != "file" && type != "directory")
    in->fail("type", "must be file or directory");
  out.directory = type == "directory";
  auto content = in->text("content");
  const auto encoding = in->text("encoding");
  out.scope = in->text("scope");
  if (in->failure())
    return *in->failure();
  auto bytes = from_shown(std::move(content), encoding, "create");
  if (!bytes)
    return bytes.error();
  out.content = std::move(*bytes);
  return out;
}

result<delete_query> parse_delete_query(const http_target& target,
                                        std::string_view route_path) {
  query_reader in{target, "delete"};
  delete_query query;
  query.path = path_of(in, route_path);
  query.scope = in.text("scope");
  query.recursive = in.flag("recursive", false);
  if (in.failure())
    return *in.failure();
  return query;
}

result<batch_delete> parse_batch_delete(std::string_view body) {
  auto in = body_reader::parse(body, "batch delete", limits::max_http_body);
  if (!in)
    return in.error();
  batch_delete out;
  if (!in->find("paths"))
    in->fail("paths", "is missing");
  out.paths = in->texts("paths");
  out.recursive = in->flag("recursive");
  if (out.paths.size() > max_batch)
    in->fail("paths", "must be a list of at most 1000 paths");
  if (in->failure())
    return *in->failure();
  return out;
}

result<transfer_body> parse_transfer_body(std::string_view body,
                                          std::string_view what) {
  auto in = body_reader::parse(body, what, limits::max_http_body);
  if (!in)
    return in.error();
  transfer_body out;
  out.source = in->required("sourcePath");
  out.destination = in->required("destPath");
  out.source_scope = in->text("sourceScope");
  out.destination_scope = in->text("destScope");
  out.overwrite = in->flag("overwrite");
  if (in->failure())
    return *in->failure();
  return out;
}

// -- archives -----------------------------------------------------------------

result<conflict_strategy> parse_conflict_strategy(std::string_view text) {
  if (text.empty() || text == "rename")
    return conflict_strategy::rename;
  if (text == "overwrite")
    return conflict_strategy::overwrite;
  if (text == "reject")
    return conflict_strategy::reject;
  return file_error(file_fault::bad_strategy, text,
                    "rename, overwrite or reject");
}

result<extract_body> parse_extract_body(std::string_view body) {
  auto in = body_reader::parse(body, "extract", limits::max_http_body);
  if (!in)
    return in.error();
  extract_body out;
  out.archive = in->required("archivePath");
  out.target = in->text("targetPath");
  const auto conflict = parse_conflict_strategy(in->text("conflictStrategy"));
  if (in->failure())
    return *in->failure();
  if (!conflict)
    return conflict.error();
  out.conflict = *conflict;
  return out;
}

} // namespace outrigger
