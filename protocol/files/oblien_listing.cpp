#include "protocol/files/oblien_listing.hpp"

#include <utility>

#include "protocol/files/file_path.hpp"
#include "protocol/files/query_reader.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

/// The fields of an entry, without what is below it.
void write_entry(json::writer& out, const file_entry& entry,
                 const list_query& query) {
  const auto name = name_of(entry.path);
  out.field("name", name)
      .field("path", entry.path)
      .field("type", oblien_kind_name(entry.kind));
  if (!query.light) {
    out.field("size", entry.kind == entry_kind::directory ? 0 : entry.size)
        .field("modified", to_zulu_time(entry.modified_ns));
  }
  if (query.extensions && entry.kind == entry_kind::file)
    out.field("extension", extension_of(name));
  if (entry.hash)
    out.field("hash", *entry.hash);
  if (entry.content)
    out.field("content", *entry.content);
}

} // namespace

std::string_view oblien_kind_name(entry_kind kind) {
  switch (kind) {
  case entry_kind::directory:
    return "directory";
  case entry_kind::link:
    return "symlink";
  case entry_kind::file:
    break;
  case entry_kind::other:
    return "other";
  }
  return "file";
}

result<list_query> parse_list_query(const http_target& target) {
  query_reader in{target, "list files"};
  list_query query;
  query.path = in.text("path");
  query.nested = in.flag("nested", false);
  query.flatten = in.flag("flatten", false);
  query.light = in.flag("light", false);
  query.hash = in.flag("include_hash", false);
  query.content = in.flag("include_content", false);
  query.extensions = in.flag("include_extensions", false);
  query.code_only = in.flag("code_files_only", false);
  query.gitignore = in.flag("use_gitignore", true);
  query.hidden = in.flag("include_hidden", true);
  query.max_depth = in.number("max_depth", 1, limits::max_list_depth,
                              limits::default_list_depth);
  query.path_filter = in.text("path_filter");
  query.extensions_only = in.list("include_ext");
  query.ignore = in.list("ignore_patterns");
  query.content_budget =
      in.number("max_content_budget", 0, limits::max_content_budget,
                limits::max_content_budget);
  if (in.failure())
    return *in.failure();
  return query;
}

struct list_writer::state {
  json::writer out;
  list_query query;
  std::vector<std::size_t> open; // depths of the folders still open
};

list_writer::list_writer(std::string_view path, const list_query& query)
    : state_{std::make_unique<state>()} {
  state_->query = query;
  json::begin_success(state_->out).field("path", path).open_array("entries");
}

list_writer::~list_writer() = default;

void list_writer::add(const file_entry& entry) {
  auto& [out, query, open] = *state_;
  const bool nested = query.nested && !query.flatten;
  while (!open.empty() && open.back() >= entry.depth) {
    out.close_array().close_object();
    open.pop_back();
  }
  out.open_object();
  write_entry(out, entry, query);
  ++count_;
  if (nested && entry.kind == entry_kind::directory) {
    out.open_array("children");
    open.push_back(entry.depth);
  } else {
    out.close_object();
  }
}

std::string list_writer::finish(bool truncated) {
  auto& [out, query, open] = *state_;
  for (; !open.empty(); open.pop_back())
    out.close_array().close_object();
  out.close_array().field("count", count_);
  if (truncated)
    out.field("truncated", true);
  return out.finish();
}

std::string stream_start_line(std::string_view path) {
  json::writer out;
  out.field("event", "start").field("path", path);
  return out.finish() + "\n";
}

std::string stream_entry_line(const file_entry& entry,
                              const list_query& query) {
  json::writer out;
  write_entry(out, entry, query);
  return out.finish() + "\n";
}

std::string stream_done_line(std::size_t count, bool truncated) {
  json::writer out;
  out.field("event", "done").field("count", count);
  if (truncated)
    out.field("truncated", true);
  return out.finish() + "\n";
}

} // namespace outrigger
