// Files by REST in the runtime API (/api/v1/files…): what its calls are
// answered. Pure functions over memory. The answers hold what documented and
// shipped clients read, so some things are said twice.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/files/file_entry.hpp"
#include "protocol/files/runtime_requests.hpp"

namespace outrigger {

/// Writes the answer while the tree is walked: each folder's nodes come right
/// behind it. The first level has depth 0.
class tree_writer {
public:
  explicit tree_writer(const tree_query& query);
  ~tree_writer();
  /// `has_entries` is for folders whose nodes are not shown: null there means
  /// that they are, and follow.
  void add(const file_entry& entry, std::optional<bool> has_entries);
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::string finish(bool truncated);

private:
  struct state;
  void close_folder();
  std::unique_ptr<state> state_;
  std::size_t count_ = 0;
};

[[nodiscard]] std::string content_to_json(const file_entry& file,
                                          const shown_content& content,
                                          std::string_view scope);

enum class operation_state : std::uint8_t {
  pending,
  running,
  completed,
  failed
};

/// How far an extraction is.
struct operation_report {
  std::string id;
  operation_state state = operation_state::pending;
  double progress = 0; // 0 to 1
  std::string message;
  std::int64_t started_ns = 0;
  std::optional<std::int64_t> completed_ns;
  std::optional<std::string> error;
  std::vector<file_entry> extracted;
};
[[nodiscard]] std::string to_json(const operation_report& report);
[[nodiscard]] std::string accepted_to_json(const operation_report& report);

// -- answers ------------------------------------------------------------------

[[nodiscard]] std::string put_to_json(const file_entry& file,
                                      std::string_view scope);
[[nodiscard]] std::string created_to_json(const file_entry& file,
                                          std::string_view scope);
[[nodiscard]] std::string deleted_to_json(std::string_view path, bool directory,
                                          std::string_view scope);
[[nodiscard]] std::string transferred_to_json(const transfer_body& call,
                                              std::string_view source,
                                              std::string_view destination,
                                              bool directory);

struct batch_result {
  std::string path;
  std::optional<std::uint64_t> size; // of what was written
  std::optional<std::string> failure;
};
/// `list`: under which name the paths that went well are listed once more; or
/// empty.
[[nodiscard]] std::string batch_to_json(const std::vector<batch_result>& all,
                                        std::string_view list);

struct upload_report {
  std::vector<file_entry> uploaded;
  std::vector<file_entry> extracted;
  std::vector<std::string> skipped;
};
[[nodiscard]] std::string to_json(const upload_report& report);

} // namespace outrigger
