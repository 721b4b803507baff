// The own search in the content of files, for machines without ripgrep: which
// lines of a text match. RE2, so that time is linear in the text whatever the
// expression.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "protocol/files/search_request.hpp"
#include "protocol/result.hpp"

namespace outrigger {

class line_matcher {
public:
  /// Malformed: it is no regular expression, or one too large.
  [[nodiscard]] static result<line_matcher> make(const search_pattern& wanted);
  line_matcher(line_matcher&&) noexcept;
  line_matcher& operator=(line_matcher&&) noexcept;
  ~line_matcher();

  /// Where the first match in `text`, which are whole lines, begins. No match
  /// goes over the end of a line.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view text) const;

private:
  struct compiled;
  explicit line_matcher(std::unique_ptr<const compiled> how) noexcept;
  std::unique_ptr<const compiled> how_;
};

} // namespace outrigger
