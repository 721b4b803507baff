#include "protocol/files/oblien_files.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "protocol/files/body_reader.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/files/oblien_listing.hpp"
#include "protocol/files/query_reader.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

/// Octal permission bits, as "0644".
std::string to_octal(std::uint32_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

/// "0644", "644" or "0o644", or the number 644 written in octal digits.
std::uint32_t read_mode(body_reader& in, std::uint32_t otherwise) {
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
    in.fail("mode", "must be octal permission bits such as \"0644\"");
  return mode;
}

} // namespace

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
      .field("etag", to_etag(answer.file.version));
  if (answer.start_line)
    out.field("start_line", *answer.start_line);
  if (answer.end_line)
    out.field("end_line", *answer.end_line);
  return out.finish();
}

// -- bodies -------------------------------------------------------------------

result<write_body> parse_write_body(std::string_view body) {
  constexpr std::string_view what = "write file";
  auto in = body_reader::parse(body, what, limits::max_json_write);
  if (!in)
    return in.error();
  write_body out;
  out.path = in->required("path");
  auto content = in->optional_text("content");
  if (!content)
    in->fail("content", "is missing");
  const auto encoding = in->text("encoding");
  out.create_folders = in->flag("create_dirs");
  out.append = in->flag("append");
  out.durable = in->flag("fsync");
  out.mode = read_mode(*in, out.mode);
  out.expected_version = in->text("expectedVersionId");
  if (in->failure())
    return *in->failure();
  auto bytes = from_shown(std::move(*content), encoding, what);
  if (!bytes)
    return bytes.error();
  out.content = std::move(*bytes);
  return out;
}

result<mkdir_body> parse_mkdir_body(std::string_view body) {
  auto in = body_reader::parse(body, "make directory", limits::max_http_body);
  if (!in)
    return in.error();
  mkdir_body out;
  out.path = in->required("path");
  out.mode = read_mode(*in, out.mode);
  if (in->failure())
    return *in->failure();
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
  auto in = body_reader::parse(body, what, limits::max_http_body);
  if (!in)
    return in.error();
  auto path = in->required("path");
  if (in->failure())
    return *in->failure();
  return path;
}

result<download_body> parse_download_body(std::string_view body) {
  auto in = body_reader::parse(body, "download", limits::max_http_body);
  if (!in)
    return in.error();
  download_body out;
  out.paths = in->texts("paths");
  if (out.paths.empty())
    in->fail("paths", "is missing");
  out.exclude = in->texts("exclude_patterns");
  if (in->failure())
    return *in->failure();
  return out;
}

// -- answers ------------------------------------------------------------------

std::string written_to_json(const file_entry& file, bool created) {
  json::writer out;
  json::begin_success(out)
      .field("path", file.path)
      .field("size", file.size)
      .field("modified", to_zulu_time(file.modified_ns))
      .field("etag", to_etag(file.version))
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
      .field("type", oblien_kind_name(file.kind))
      .field("size", file.kind == entry_kind::file ? file.size : 0)
      .field("modified", to_zulu_time(file.modified_ns))
      .field("permissions", to_octal(file.mode))
      .field("is_code", file.kind == entry_kind::file && is_code(name));
  if (file.kind == entry_kind::file)
    out.field("extension", extension_of(name))
        .field("etag", to_etag(file.version));
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
