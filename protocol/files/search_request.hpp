// What the search calls ask for.
//
//   GET /files/search?q=…        lines in files: search_request
//   GET /files/search/files?q=…  names of files: name_request

#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "protocol/http_target.hpp"
#include "protocol/result.hpp"
#include "protocol/search_limits.hpp"

namespace outrigger {

/// Which files are looked at. Patterns are globs, matched against a name and
/// against a path below the folder that is searched.
struct search_filter {
  bool include_hidden = false;         // names that begin with a dot
  bool no_gitignore = false;           // look at what git ignores, too
  std::vector<std::string> file_types; // endings without a dot; none: any file
  std::vector<std::string> ignore_patterns;
};

/// How a line has to be.
struct search_pattern {
  std::string text; // one line, not empty, UTF-8
  bool case_sensitive = false;
  bool regex = false;
  bool whole_word = false;
};

struct search_request {
  search_pattern pattern;
  std::string path; // of a file or a folder, as the client wrote it
  search_filter filter;
  std::size_t max_results = limits::default_search_results; // lines
  std::size_t context_lines = 0; // before and behind each
  std::chrono::seconds timeout = limits::default_search_timeout;
};

struct name_request {
  std::string query; // a part of the path below the folder
  std::string path;  // of the folder
  bool case_sensitive = false;
  search_filter filter;
  std::size_t max_results = limits::default_search_names;
};

/// Malformed names the parameter. `max_results` above the limit is the limit.
[[nodiscard]] result<search_request>
parse_search_request(const http_target& target);
[[nodiscard]] result<name_request>
parse_name_request(const http_target& target);

} // namespace outrigger
