// Files by REST in the terminals dialect, but for listings (oblien_listing):
// what its calls ask and what they are answered. Pure functions over memory.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/files/file_entry.hpp"
#include "protocol/http_target.hpp"
#include "protocol/result.hpp"

namespace outrigger {

// -- GET /files/read ----------------------------------------------------------

struct read_query {
  std::string path;
  std::optional<std::uint64_t> start_line; // from 1, inclusive
  std::optional<std::uint64_t> end_line;
  bool numbers = false;
  std::uint64_t first_number = 1; // of the text's first line
};
[[nodiscard]] result<read_query> parse_read_query(const http_target& target);

/// The lines that were asked for, counted from the text's first one.
struct line_range {
  std::string text;
  std::uint64_t lines = 0; // in `text`
};
[[nodiscard]] line_range take_lines(std::string_view text,
                                    const read_query& query);

struct read_answer {
  file_entry file;
  shown_content content;
  std::uint64_t lines = 0;
  std::optional<std::uint64_t> start_line; // when a range was asked for
  std::optional<std::uint64_t> end_line;
};
[[nodiscard]] std::string to_json(const read_answer& answer);

// -- the calls with a body ----------------------------------------------------

struct write_body {
  std::string path;
  std::string content; // bytes
  bool create_folders = false;
  bool append = false;
  bool durable = false; // "fsync"
  std::uint32_t mode = 0644;
  std::string expected_version; // "expectedVersionId"
};
[[nodiscard]] result<write_body> parse_write_body(std::string_view body);

struct mkdir_body {
  std::string path;
  std::uint32_t mode = 0755;
};
[[nodiscard]] result<mkdir_body> parse_mkdir_body(std::string_view body);

/// `{path}`; the query's `path` when there is no body.
[[nodiscard]] result<std::string> parse_path_call(std::string_view body,
                                                  const http_target& target,
                                                  std::string_view what);

struct download_body {
  std::vector<std::string> paths;
  std::vector<std::string> exclude; // globs of names
};
[[nodiscard]] result<download_body> parse_download_body(std::string_view body);

// -- answers ------------------------------------------------------------------

[[nodiscard]] std::string written_to_json(const file_entry& file, bool created);
[[nodiscard]] std::string path_to_json(std::string_view path);
[[nodiscard]] std::string stat_to_json(const file_entry& file,
                                       const std::optional<std::string>& link);
[[nodiscard]] std::string extracted_to_json(std::string_view destination,
                                            std::uint64_t files);

} // namespace outrigger
