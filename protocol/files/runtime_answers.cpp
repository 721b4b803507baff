#include "protocol/files/runtime_answers.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "protocol/files/file_path.hpp"
#include "protocol/json.hpp"

namespace outrigger {

namespace {

std::string_view type_name(entry_kind kind) {
  return kind == entry_kind::directory ? "directory" : "file";
}

/// Absent labels are sent as null.
void write_scope(json::writer& out, std::string_view name,
                 std::string_view scope) {
  if (scope.empty())
    out.field(name, nullptr);
  else
    out.field(name, scope);
}

void write_times(json::writer& out, const file_entry& file) {
  const auto time = to_offset_time(file.modified_ns);
  out.field("updatedAt", time).field("lastModified", time);
}

/// `{success,path,scope,message,data:{…`: an answer about one change.
void begin_change(json::writer& out) {
  json::begin_success(out)
      .field("path", nullptr)
      .field("scope", nullptr)
      .field("message", nullptr);
}

void write_result(json::writer& out, const file_entry& file) {
  out.open_object()
      .field("path", file.path)
      .field("size", file.size)
      .field("lastModified", to_offset_time(file.modified_ns))
      .field("type", type_name(file.kind))
      .close_object();
}

std::string_view state_name(operation_state state) {
  switch (state) {
  case operation_state::pending:
    return "pending";
  case operation_state::running:
    return "running";
  case operation_state::completed:
    return "completed";
  case operation_state::failed:
    break;
  }
  return "failed";
}

} // namespace

// -- trees --------------------------------------------------------------------

struct tree_writer::state {
  json::writer out;
  struct folder {
    std::size_t depth = 0;
    bool has_entries = false;
  };
  std::vector<folder> open;
  std::string scope;
  std::size_t top = 0; // nodes of the first level
};

tree_writer::tree_writer(const tree_query& query)
    : state_{std::make_unique<state>()} {
  auto& out = state_->out;
  state_->scope = query.scope;
  out.field("path", query.path);
  write_scope(out, "scope", query.scope);
  out.open_array("nodes");
}

tree_writer::~tree_writer() = default;

void tree_writer::close_folder() {
  auto& [out, open, scope, top] = *state_;
  out.close_array()
      .field("hasChildren", open.back().has_entries)
      .close_object();
  open.pop_back();
}

void tree_writer::add(const file_entry& entry,
                      std::optional<bool> has_entries) {
  auto& [out, open, scope, top] = *state_;
  while (!open.empty() && open.back().depth >= entry.depth)
    close_folder();
  if (!open.empty())
    open.back().has_entries = true;
  else
    ++top;
  ++count_;
  const bool folder = entry.kind == entry_kind::directory;
  out.open_object()
      .field("id", entry.path)
      .field("name", name_of(entry.path))
      .field("path", entry.path)
      .field("type", type_name(entry.kind));
  write_scope(out, "scope", scope);
  out.field("size", folder ? 0 : entry.size);
  write_times(out, entry);
  out.field("depth", entry.depth)
      .field("extension", nullptr)
      .field("fileType", nullptr)
      .field("metadata", nullptr)
      .open_array("children");
  open.push_back({entry.depth, has_entries.value_or(false)});
  if (!folder || has_entries)
    close_folder();
}

std::string tree_writer::finish(bool truncated) {
  auto& [out, open, scope, top] = *state_;
  while (!open.empty())
    close_folder();
  out.close_array().field("total", top);
  if (truncated)
    out.field("truncated", true);
  return out.finish();
}

// -- content ------------------------------------------------------------------

std::string content_to_json(const file_entry& file,
                            const shown_content& content,
                            std::string_view scope) {
  json::writer out;
  out.field("path", file.path);
  write_scope(out, "scope", scope);
  out.field("content", content.text)
      .field("encoding", content.is_base64 ? "base64" : "utf-8")
      .field("isBinary", content.is_base64)
      .field("size", file.size);
  write_times(out, file);
  out.field("versionId", file.version)
      .field("contentHash", "sha256:" + file.hash.value_or(""));
  return out.finish();
}

// -- archives -----------------------------------------------------------------

std::string accepted_to_json(const operation_report& report) {
  json::writer out;
  out.field("operationId", report.id)
      .field("status", state_name(report.state))
      .field("message", report.message)
      .field("startedAt", to_zulu_time(report.started_ns));
  return out.finish();
}

std::string to_json(const operation_report& report) {
  json::writer out;
  char progress[32];
  std::snprintf(progress, sizeof progress, "%.4f", report.progress);
  out.field("operationId", report.id)
      .field("status", state_name(report.state))
      .number_field("progress", progress)
      .field("message", report.message)
      .field("startedAt", to_zulu_time(report.started_ns));
  if (report.completed_ns)
    out.field("completedAt", to_zulu_time(*report.completed_ns));
  else
    out.field("completedAt", nullptr);
  if (report.error)
    out.field("error", *report.error);
  else
    out.field("error", nullptr);
  if (report.state != operation_state::completed) {
    out.field("result", nullptr);
    return out.finish();
  }
  out.open_object("result").open_array("extracted");
  std::vector<std::string> paths;
  for (const auto& file : report.extracted) {
    write_result(out, file);
    paths.push_back(file.path);
  }
  out.close_array().field("extractedPaths", paths).close_object();
  return out.finish();
}

// -- answers ------------------------------------------------------------------

std::string put_to_json(const file_entry& file, std::string_view scope) {
  json::writer out;
  begin_change(out);
  out.field("versionId", file.version)
      .open_object("data")
      .field("path", file.path);
  write_scope(out, "scope", scope);
  out.field("size", file.size);
  write_times(out, file);
  out.field("versionId", file.version).close_object();
  return out.finish();
}

std::string created_to_json(const file_entry& file, std::string_view scope) {
  json::writer out;
  begin_change(out);
  out.open_object("data").field("path", file.path);
  write_scope(out, "scope", scope);
  out.field("type", type_name(file.kind));
  if (file.kind == entry_kind::file)
    out.field("size", file.size).field("versionId", file.version);
  out.field("createdAt", to_offset_time(file.modified_ns)).close_object();
  return out.finish();
}

std::string deleted_to_json(std::string_view path, bool directory,
                            std::string_view scope) {
  json::writer out;
  begin_change(out);
  out.open_object("data").field("path", path);
  write_scope(out, "scope", scope);
  out.field("type", directory ? "directory" : "file")
      .close_object()
      .field("deleted", std::vector<std::string>{std::string{path}})
      .field("warnings", std::vector<std::string>{});
  return out.finish();
}

std::string transferred_to_json(const transfer_body& call,
                                std::string_view source,
                                std::string_view destination, bool directory) {
  json::writer out;
  begin_change(out);
  out.open_object("data")
      .field("sourcePath", source)
      .field("destPath", destination);
  write_scope(out, "sourceScope", call.source_scope);
  write_scope(out, "destScope", call.destination_scope);
  out.field("type", directory ? "directory" : "file").close_object();
  return out.finish();
}

std::string batch_to_json(const std::vector<batch_result>& all,
                          std::string_view list) {
  const auto failed = std::count_if(
      all.begin(), all.end(), [](const auto& each) { return each.failure; });
  json::writer out;
  out.field("total", all.size())
      .field("succeeded", all.size() - static_cast<std::size_t>(failed))
      .field("failed", failed)
      .open_array("results");
  std::vector<std::string> done;
  for (const auto& each : all) {
    out.open_object()
        .field("path", each.path)
        .field("status", each.failure ? "failed" : "success");
    if (each.failure)
      out.field("error", *each.failure);
    else
      done.push_back(each.path);
    if (each.size)
      out.field("size", *each.size);
    out.close_object();
  }
  out.close_array();
  if (!list.empty())
    out.field(list, done);
  return out.finish();
}

std::string to_json(const upload_report& report) {
  json::writer out;
  for (auto [name, files] : {std::pair{"uploaded", &report.uploaded},
                             std::pair{"extracted", &report.extracted}}) {
    out.open_array(name);
    for (const auto& file : *files)
      write_result(out, file);
    out.close_array();
  }
  out.field("skipped", report.skipped);
  return out.finish();
}

} // namespace outrigger
