#include "protocol/files/oblien_files.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "protocol/ascii.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/files/query_reader.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

std::string_view kind_name(entry_kind kind) {
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

/// The fields of an entry, without what is below it.
void write_entry(json::writer& out, const file_entry& entry,
                 const list_query& query) {
  const auto name = name_of(entry.path);
  out.field("name", name)
      .field("path", entry.path)
      .field("type", kind_name(entry.kind));
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

/// Octal permission bits, as "0644".
std::string to_octal(std::uint32_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

/// "0644", "644" or "0o644", or the number 644 written in octal digits.
result<std::uint32_t> read_mode(const json::fields& in,
                                std::uint32_t otherwise) {
  const auto* found = in.find("mode");
  if (!found)
    return otherwise;
  std::string digits;
  if (found->IsUint())
    digits = std::to_string(found->GetUint());
  else if (auto text = json::string_in(*found))
    digits = std::move(*text);
  if (digits.starts_with("0o"))
    digits.erase(0, 2);
  std::uint32_t mode = 0;
  const bool sound = !digits.empty() && digits.size() <= 5 &&
                     std::all_of(digits.begin(), digits.end(),
                                 [](char c) { return c >= '0' && c <= '7'; });
  for (const char digit : digits)
    mode = mode * 8 + static_cast<std::uint32_t>(digit - '0');
  if (!sound || mode > 0777)
    return in.bad("mode", "must be octal permission bits such as \"0644\"");
  return mode;
}

result<std::string> read_path(const json::fields& in) {
  auto path = in.text("path");
  if (!path)
    return path.error();
  if (!*path || (*path)->empty())
    return in.bad("path", "is missing");
  return std::move(**path);
}

/// Flags that are false when they are missing.
result<bool> read_flag(const json::fields& in, std::string_view name) {
  auto found = in.boolean(name);
  if (!found)
    return found.error();
  return found->value_or(false);
}

} // namespace

// -- listing ------------------------------------------------------------------

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

// -- reading ------------------------------------------------------------------

result<read_query> parse_read_query(const http_target& target) {
  query_reader in{target, "read file"};
  read_query query;
  query.path = in.required("path");
  constexpr auto most = std::uint64_t{1} << 53;
  query.start_line = in.number("start_line", 1, most);
  query.end_line = in.number("end_line", 1, most);
  query.numbers = in.flag("with_line_numbers", false);
  if (query.start_line && query.end_line && *query.end_line < *query.start_line)
    in.fail("end_line", "must not be before start_line");
  if (in.failure())
    return *in.failure();
  return query;
}

line_range take_lines(std::string_view text, const read_query& query) {
  const auto first = query.start_line.value_or(1);
  const auto last = query.end_line.value_or(~std::uint64_t{0});
  line_range out;
  for (std::uint64_t number = 1; !text.empty() && number <= last; ++number) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (number >= first) {
      if (query.numbers) {
        std::array<char, 32> prefix{};
        const int size = std::snprintf(
            prefix.data(), prefix.size(), "%6llu\t",
            static_cast<unsigned long long>(query.first_number + number - 1));
        out.text.append(prefix.data(), static_cast<std::size_t>(size));
      }
      out.text.append(text.substr(0, end));
      ++out.lines;
    }
    text.remove_prefix(end);
  }
  return out;
}

std::string to_json(const read_answer& answer) {
  json::writer out;
  json::begin_success(out)
      .field("path", answer.file.path)
      .field("content", answer.content.text)
      .field("encoding", answer.content.is_base64 ? "base64" : "utf-8")
      .field("is_binary", answer.content.is_base64)
      .field("size", answer.file.size)
      .field("lines", answer.lines)
      .field("extension", extension_of(name_of(answer.file.path)))
      .field("modified", to_zulu_time(answer.file.modified_ns))
      .field("etag", "\"" + answer.file.version + "\"");
  if (answer.start_line)
    out.field("start_line", *answer.start_line);
  if (answer.end_line)
    out.field("end_line", *answer.end_line);
  return out.finish();
}

// -- bodies -------------------------------------------------------------------

result<write_body> parse_write_body(std::string_view body) {
  constexpr std::string_view what = "write file";
  auto parsed = json::parse_object(body, what, limits::max_json_write);
  if (!parsed)
    return parsed.error();
  const json::fields in{*parsed, what};
  write_body out;
  auto path = read_path(in);
  if (!path)
    return path.error();
  out.path = std::move(*path);
  auto content = in.text("content");
  if (!content)
    return content.error();
  if (!*content)
    return in.bad("content", "is missing");
  const auto encoding = in.text("encoding");
  if (!encoding)
    return encoding.error();
  auto bytes = from_shown(std::move(**content), encoding->value_or(""), what);
  if (!bytes)
    return bytes.error();
  out.content = std::move(*bytes);
  for (auto [name, flag] :
       {std::pair{"create_dirs", &out.create_folders},
        std::pair{"append", &out.append}, std::pair{"fsync", &out.durable}}) {
    const auto value = read_flag(in, name);
    if (!value)
      return value.error();
    *flag = *value;
  }
  const auto mode = read_mode(in, out.mode);
  if (!mode)
    return mode.error();
  out.mode = *mode;
  auto version = in.text("expectedVersionId");
  if (!version)
    return version.error();
  out.expected_version = version->value_or("");
  return out;
}

result<mkdir_body> parse_mkdir_body(std::string_view body) {
  constexpr std::string_view what = "make directory";
  auto parsed = json::parse_object(body, what, limits::max_http_body);
  if (!parsed)
    return parsed.error();
  const json::fields in{*parsed, what};
  mkdir_body out;
  auto path = read_path(in);
  if (!path)
    return path.error();
  out.path = std::move(*path);
  const auto mode = read_mode(in, out.mode);
  if (!mode)
    return mode.error();
  out.mode = *mode;
  return out;
}

result<std::string> parse_path_call(std::string_view body,
                                    const http_target& target,
                                    std::string_view what) {
  if (body.empty()) {
    const auto* path = target.find("path");
    if (!path)
      return json::bad_field(what, "path", "is missing");
    return *path;
  }
  auto parsed = json::parse_object(body, what, limits::max_http_body);
  if (!parsed)
    return parsed.error();
  return read_path(json::fields{*parsed, what});
}

result<download_body> parse_download_body(std::string_view body) {
  constexpr std::string_view what = "download";
  auto parsed = json::parse_object(body, what, limits::max_http_body);
  if (!parsed)
    return parsed.error();
  const json::fields in{*parsed, what};
  download_body out;
  auto paths = in.texts("paths");
  if (!paths)
    return paths.error();
  if (!*paths || (*paths)->empty())
    return in.bad("paths", "is missing");
  out.paths = std::move(**paths);
  auto exclude = in.texts("exclude_patterns");
  if (!exclude)
    return exclude.error();
  if (*exclude)
    out.exclude = std::move(**exclude);
  return out;
}

// -- answers ------------------------------------------------------------------

std::string written_to_json(const file_entry& file, bool created) {
  json::writer out;
  json::begin_success(out)
      .field("path", file.path)
      .field("size", file.size)
      .field("modified", to_zulu_time(file.modified_ns))
      .field("etag", "\"" + file.version + "\"")
      .field("created", created);
  return out.finish();
}

std::string path_to_json(std::string_view path) {
  json::writer out;
  json::begin_success(out).field("path", path);
  return out.finish();
}

std::string stat_to_json(const file_entry& file,
                         const std::optional<std::string>& link) {
  const auto name = name_of(file.path);
  json::writer out;
  json::begin_success(out)
      .field("path", file.path)
      .field("name", name)
      .field("type", kind_name(file.kind))
      .field("size", file.kind == entry_kind::file ? file.size : 0)
      .field("modified", to_zulu_time(file.modified_ns))
      .field("permissions", to_octal(file.mode))
      .field("is_code", file.kind == entry_kind::file && is_code(name));
  if (file.kind == entry_kind::file)
    out.field("extension", extension_of(name))
        .field("etag", "\"" + file.version + "\"");
  if (link)
    out.field("symlink_target", *link);
  return out.finish();
}

std::string extracted_to_json(std::string_view destination,
                              std::uint64_t files) {
  json::writer out;
  json::begin_success(out)
      .field("dest", destination)
      .field("files_extracted", files);
  return out.finish();
}

} // namespace outrigger
