// What a search found, and the bodies of the search calls' answers.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/search_limits.hpp"

namespace outrigger {

/// A line that was found, or one beside it.
struct found_line {
  std::uint64_t line = 0; // from 1 on
  /// Where the first match begins, bytes, from 1 on; null for lines that are
  /// shown for context.
  std::optional<std::uint64_t> column;
  std::string text; // without its end, valid UTF-8
  bool cut = false; // there is more of the line

  friend bool operator==(const found_line&, const found_line&) = default;
};

/// A line made fit to be shown: `bytes` as they are in the file, with the
/// line's end if they reach there. What is over limits::max_search_text is
/// left out; `cut`: some is already.
[[nodiscard]] found_line show_line(std::uint64_t line,
                                   std::optional<std::uint64_t> column,
                                   std::string_view bytes, bool cut);

/// Collects lines, file by file, up to a number of matches and of bytes.
class search_results {
public:
  explicit search_results(
      std::size_t max_matches,
      std::size_t max_bytes = limits::max_search_answer) noexcept
      : max_matches_{max_matches}, max_bytes_{max_bytes} {}

  /// Adds what was found in one file, as far as there is room. Lines of one
  /// file are in order and come at once.
  void add(const std::string& path, std::vector<found_line> lines);

  /// There is more than what is in here, and no use in looking further.
  [[nodiscard]] bool capped() const noexcept { return capped_; }

  /// Matches there is still room for.
  [[nodiscard]] std::size_t room() const noexcept {
    return max_matches_ - matches_;
  }
  [[nodiscard]] std::size_t matches() const noexcept { return matches_; }

  /// By path.
  [[nodiscard]] const std::map<std::string, std::vector<found_line>>&
  files() const noexcept {
    return files_;
  }

private:
  std::size_t max_matches_;
  std::size_t max_bytes_;
  std::map<std::string, std::vector<found_line>> files_;
  std::size_t matches_ = 0;
  std::size_t bytes_ = 0;
  bool capped_ = false;
};

/// {success,query,path,results:{"<path>":[{line,column?,text,truncated?}]},
/// total_matches,total_files,capped}; `path` is the folder or file searched,
/// the results' paths begin there, or are the file's own name.
[[nodiscard]] std::string search_to_json(std::string_view query,
                                         std::string_view path,
                                         const search_results& found);

/// {success,query,path,files:[…],total_files,capped}
[[nodiscard]] std::string names_to_json(std::string_view query,
                                        std::string_view path,
                                        const std::vector<std::string>& names,
                                        bool capped);

/// The program searches are run with.
struct search_tool {
  std::string path; // empty: there is none
  std::string version;
};

/// {success,installed,path,version}, or {success,installed:false,message}.
[[nodiscard]] std::string tool_to_json(const search_tool& tool);

/// Of an answer of 501 to a call that asks for it to be installed: an error
/// body with installed:false.
[[nodiscard]] std::string tool_refusal_to_json();

} // namespace outrigger
