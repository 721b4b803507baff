// Listings of the terminals dialect, GET /files and /files/stream: what they
// ask, and their answers, written entry by entry. Pure functions over memory.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/files/file_entry.hpp"
#include "protocol/http_target.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// "file", "directory", "symlink" or "other", as this dialect has it.
[[nodiscard]] std::string_view oblien_kind_name(entry_kind kind);

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

} // namespace outrigger
