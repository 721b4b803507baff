#include "protocol/files/line_matcher.hpp"

#include <array>
#include <string>

#include <re2/re2.h>

namespace outrigger {

namespace {

/// For the expression and what is computed from it while searching.
constexpr std::int64_t max_memory = std::int64_t{16} << 20;

/// What a word is made of, as Unicode has it and as ripgrep takes it.
constexpr std::string_view word_class = "\\pL\\pM\\p{Nd}\\p{Pc}";

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

std::string expression(const search_pattern& wanted) {
  auto text = wanted.regex ? "(?:" + wanted.text + ")"
                           : RE2::QuoteMeta(piece(wanted.text));
  if (wanted.whole_word) {
    const std::string other = "[^" + std::string{word_class} + "]";
    text = "(?:^|" + other + ")(" + text + ")(?:$|" + other + ")";
  } else {
    text = "(" + text + ")";
  }
  return "(?m)" + text; // ^ and $ are those of a line
}

} // namespace

struct line_matcher::compiled {
  RE2 expression;
  compiled(const std::string& text, const RE2::Options& options)
      : expression{text, options} {}
};

line_matcher::line_matcher(std::unique_ptr<const compiled> how) noexcept
    : how_{std::move(how)} {}
line_matcher::line_matcher(line_matcher&&) noexcept = default;
line_matcher& line_matcher::operator=(line_matcher&&) noexcept = default;
line_matcher::~line_matcher() = default;

result<line_matcher> line_matcher::make(const search_pattern& wanted) {
  RE2::Options options;
  options.set_case_sensitive(wanted.case_sensitive);
  options.set_never_nl(true);
  options.set_log_errors(false);
  options.set_max_mem(max_memory);
  // Alone first: what is closed too early must not open again in ours.
  if (wanted.regex)
    if (const RE2 alone{wanted.text, options}; !alone.ok())
      return error{errc::malformed,
                   "search: q is no regular expression: " + alone.error()};
  auto how = std::make_unique<const compiled>(expression(wanted), options);
  if (!how->expression.ok())
    return error{errc::malformed, "search: q is no regular expression: " +
                                      how->expression.error()};
  return line_matcher{std::move(how)};
}

std::optional<std::size_t> line_matcher::find(std::string_view text) const {
  std::array<re2::StringPiece, 2> found;
  const auto whole = piece(text);
  if (!how_->expression.Match(whole, 0, whole.size(), RE2::UNANCHORED,
                              found.data(), found.size()))
    return std::nullopt;
  const auto at = static_cast<std::size_t>(found[1].data() - text.data());
  // Behind the last line's end no line begins.
  if (at == text.size() && text.ends_with('\n'))
    return std::nullopt;
  return at;
}

} // namespace outrigger
