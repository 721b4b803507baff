// Files by REST in the runtime API (/api/v1/files…): what its calls ask. Pure
// functions over memory. What they are answered: runtime_answers.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/http_target.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// Names trees never show: what is made, and what tools keep for themselves.
[[nodiscard]] const std::vector<std::string>& hidden_tree_names();

// -- trees --------------------------------------------------------------------

struct tree_query {
  std::string path = "/";
  std::string scope; // a label that is given back
  bool hidden = false;
  std::size_t max_depth = 0; // levels below the first
};
[[nodiscard]] result<tree_query> parse_tree_query(const http_target& target);

// -- content ------------------------------------------------------------------

struct content_query {
  std::string path;
  std::string scope;
  bool raw = false;
  bool download = false; // as an attachment; implies raw
};
/// `path` is taken from the query unless the route has it.
[[nodiscard]] result<content_query>
parse_content_query(const http_target& target, std::string_view route_path);

struct put_body {
  std::string path;
  std::string content; // bytes
  std::string scope;
  std::string expected_version;
  bool durable = false;
};
/// `route_path`: what the route says, if it does; a body's own path then has to
/// be the same or missing.
[[nodiscard]] result<put_body> parse_put_body(std::string_view body,
                                              std::string_view route_path);

/// What a PUT that brings bytes says in its query.
struct raw_put {
  std::string path;
  bool append = false;
  std::optional<std::uint64_t> offset;
  bool durable = false;
  std::string expected_version;
};
[[nodiscard]] result<raw_put> parse_raw_put(const http_target& target,
                                            std::string_view route_path);

struct batch_write {
  std::vector<std::pair<std::string, std::optional<std::string>>> files;
};
[[nodiscard]] result<batch_write> parse_batch_write(std::string_view body);

// -- changes ------------------------------------------------------------------

struct create_body {
  std::string path;
  bool directory = false;
  std::string content; // bytes
  std::string scope;
};
[[nodiscard]] result<create_body> parse_create_body(std::string_view body);

struct delete_query {
  std::string path;
  std::string scope;
  bool recursive = false;
};
[[nodiscard]] result<delete_query>
parse_delete_query(const http_target& target, std::string_view route_path);

struct batch_delete {
  std::vector<std::string> paths;
  bool recursive = false;
};
[[nodiscard]] result<batch_delete> parse_batch_delete(std::string_view body);

/// Of copy and move.
struct transfer_body {
  std::string source;
  std::string destination;
  std::string source_scope;
  std::string destination_scope;
  bool overwrite = false;
};
[[nodiscard]] result<transfer_body> parse_transfer_body(std::string_view body,
                                                        std::string_view what);

// -- archives -----------------------------------------------------------------

enum class conflict_strategy : std::uint8_t { rename, overwrite, reject };
[[nodiscard]] result<conflict_strategy>
parse_conflict_strategy(std::string_view text);

struct extract_body {
  std::string archive;
  std::string target; // empty: the archive's own folder
  conflict_strategy conflict = conflict_strategy::rename;
};
[[nodiscard]] result<extract_body> parse_extract_body(std::string_view body);

} // namespace outrigger
