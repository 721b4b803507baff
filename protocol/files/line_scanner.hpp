// The own search in one file, read in pieces: the lines that match, with those
// around them, as ripgrep would show them.
//
//   pieces of a file ─► line_scanner ─► found_line, in order
//
// Keeps a piece, the lines before it that may have to be shown, and never more
// than max_line of a line that does not end: of such a one only that much is
// searched.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/files/line_matcher.hpp"
#include "protocol/files/search_answer.hpp"

namespace outrigger {

class line_scanner {
public:
  static constexpr std::size_t max_line = std::size_t{1} << 20;

  /// `matcher` must outlive this. Stops after `max_matches`, and when no more
  /// would fit into an answer.
  line_scanner(const line_matcher& matcher, std::size_t context,
               std::size_t max_matches);

  /// Reads on. False: no more is wanted, because there are enough matches, or
  /// because a NUL byte says that this is no text; then nothing was found.
  [[nodiscard]] bool feed(std::string_view piece);

  /// The file ends here. What was found in it.
  [[nodiscard]] std::vector<found_line> finish();

private:
  void search(std::size_t end);
  void add_match(std::size_t begin, std::size_t end, std::size_t match);
  void show_before(std::size_t begin);
  void show_after(std::size_t end);
  void show(found_line line);
  void pass(std::size_t end);
  void forget();
  [[nodiscard]] std::string_view lines(std::size_t begin,
                                       std::size_t end) const {
    return std::string_view{buffer_}.substr(begin, end - begin);
  }
  [[nodiscard]] bool is_enough() const {
    return binary_ || (matches_ == max_matches_ && after_ == 0) ||
           bytes_ > limits::max_search_answer;
  }

  const line_matcher& matcher_;
  std::size_t context_;
  std::size_t max_matches_;
  std::vector<found_line> found_;
  std::size_t bytes_ = 0; // of the texts in it
  std::size_t matches_ = 0;
  bool binary_ = false;

  // Lines that were searched and may have to be shown, then what was not yet.
  std::string buffer_;
  std::size_t next_ = 0;    // of buffer_: where that begins, at a line's start
  std::uint64_t line_ = 1;  // the number of that line
  std::uint64_t shown_ = 0; // the number of the last line in found_
  std::size_t after_ = 0;   // lines still to be shown behind a match
  bool skipping_ = false;   // the rest of a line that is too long
};

} // namespace outrigger
