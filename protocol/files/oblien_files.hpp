// Files by REST in the terminals dialect: what its calls ask and what they are
// answered. Pure functions over memory.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/files/file_entry.hpp"
#include "protocol/http_target.hpp"
#include "protocol/result.hpp"

namespace outrigger {

// -- GET /files, /files/stream ------------------------------------------------

struct list_query {
  std::string path;
  bool nested = false;  // folders hold their entries
  bool flatten = false; // all entries of the tree in one list
  bool light = false;   // without size and time
  bool hash = false;    // SHA-256 of each file
  bool content = false; // of each text file, up to content_budget bytes
  bool extensions = false;
  bool code_only = false;
  bool gitignore = true;
  bool hidden = true;
  std::size_t max_depth = 20;
  std::string path_filter;
  std::vector<std::string> extensions_only; // without dots
  std::vector<std::string> ignore;          // globs
  std::uint64_t content_budget = 0;
};
[[nodiscard]] result<list_query> parse_list_query(const http_target& target);

/// Whether a listing of these says so much of each file that it has to be
/// opened.
[[nodiscard]] inline bool opens_files(const list_query& query) {
  return query.hash || query.content;
}

/// Writes the answer while the tree is walked: each folder's entries come
/// right behind it.
class list_writer {
public:
  list_writer(std::string_view path, const list_query& query);
  ~list_writer();
  void add(const file_entry& entry);
  [[nodiscard]] std::size_t count() const { return count_; }
  /// `truncated`: there are more than may be listed.
  [[nodiscard]] std::string finish(bool truncated);

private:
  struct state;
  std::unique_ptr<state> state_;
  std::size_t count_ = 0;
};

/// Lines of the NDJSON form, each with its line end.
[[nodiscard]] std::string stream_start_line(std::string_view path);
[[nodiscard]] std::string stream_entry_line(const file_entry& entry,
                                            const list_query& query);
[[nodiscard]] std::string stream_done_line(std::size_t count, bool truncated);

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
