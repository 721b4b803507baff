#include "protocol/files/glob.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

constexpr auto none = std::string_view::npos;

using byte_test = bool (*)(char);

bool is_graph(char c) {
  return c > ' ' && c < 0x7f;
}

bool is_alnum(char c) {
  return ascii::is_letter(c) || ascii::is_digit(c);
}

/// As git has them, in any locale: a vertical tab is no space.
constexpr auto named_sets = std::to_array<
    std::pair<std::string_view, byte_test>>({
    {"alnum", is_alnum},
    {"alpha", ascii::is_letter},
    {"blank", [](char c) { return c == ' ' || c == '\t'; }},
    {"cntrl", ascii::is_control},
    {"digit", ascii::is_digit},
    {"graph", is_graph},
    {"lower", [](char c) { return c >= 'a' && c <= 'z'; }},
    {"print", [](char c) { return c == ' ' || is_graph(c); }},
    {"punct", [](char c) { return is_graph(c) && !is_alnum(c); }},
    {"space",
     [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }},
    {"upper", [](char c) { return c >= 'A' && c <= 'Z'; }},
    {"xdigit",
     [](char c) {
       return ascii::is_digit(c) || (ascii::lower(c) >= 'a' &&
                                     ascii::lower(c) <= 'f');
     }},
});

byte_test find_set(std::string_view name) {
  for (const auto& [known, test] : named_sets)
    if (known == name)
      return test;
  return nullptr;
}

/// Where an element of a pattern ends, and whether a byte is like it.
struct element {
  std::size_t end = 0; // 0: malformed
  bool matches = false;
};

/// Reads a set, such as [!a-z[:digit:]], and looks for one byte in it.
class set_reader {
public:
  /// The set begins at `begin`.
  set_reader(std::string_view pattern, std::size_t begin, char wanted)
      : text_(pattern), at_(begin + 1), wanted_(wanted) {}

  element read() {
    const bool negated =
        at_ < text_.size() && (text_[at_] == '!' || text_[at_] == '^');
    at_ += negated ? 1 : 0;
    do { // the first byte is one of the set, even if it is a bracket
      if (at_ >= text_.size() || !read_one())
        return {};
    } while (at_ >= text_.size() || text_[at_] != ']');
    return {at_ + 1, found_ != negated};
  }

private:
  bool read_one() {
    const auto next = text_.substr(at_, 2);
    if (next.size() == 2 && next[0] == '-' && next[1] != ']' && previous_)
      return read_range();
    if (next == "[:") {
      close_ = std::max(close_, text_.find(']', at_ + 2));
      if (close_ == none)
        return false;
      if (close_ > at_ + 2 && text_[close_ - 1] == ':')
        return read_named();
    }
    previous_ = read_byte();
    found_ |= previous_ == wanted_;
    return previous_.has_value();
  }

  std::optional<char> read_byte() {
    if (text_[at_] == '\\')
      ++at_;
    if (at_ >= text_.size())
      return std::nullopt;
    return text_[at_++];
  }

  bool read_range() {
    ++at_;
    const auto last = read_byte();
    if (!last)
      return false;
    const auto number = [](char c) { return static_cast<unsigned char>(c); };
    found_ |= number(*previous_) <= number(wanted_) &&
              number(wanted_) <= number(*last);
    previous_.reset();
    return true;
  }

  bool read_named() {
    const auto test = find_set(text_.substr(at_ + 2, close_ - at_ - 3));
    at_ = close_ + 1;
    previous_.reset();
    found_ |= test != nullptr && test(wanted_);
    return test != nullptr;
  }

  std::string_view text_;
  std::size_t at_;
  char wanted_;
  std::size_t close_ = 0;        // the next closing bracket, once it is needed
  std::optional<char> previous_; // may begin a range
  bool found_ = false;
};

/// One run of a pattern against a text. After a mismatch it is tried again
/// behind the star seen last, which takes a byte more, and when that would
/// have to take a slash, behind the last `**`, which takes a component more.
/// Stars before those cannot help: what comes later takes whatever they leave.
class matcher {
public:
  matcher(std::string_view pattern, std::string_view text, bool of_paths)
      : pattern_(pattern), text_(text), of_paths_(of_paths) {}

  bool run() {
    for (;;) {
      switch (step()) {
      case outcome::on:
        break;
      case outcome::yes:
        return true;
      case outcome::no:
        return false;
      case outcome::mismatch:
        if (!try_again())
          return false;
      }
    }
  }

private:
  enum class outcome { on, yes, no, mismatch };

  /// A place to go back to: behind a star, with what it has taken so far.
  struct retry {
    std::size_t pattern = none; // none: there is no such star
    std::size_t text = 0;
  };

  outcome step() {
    if (at_ == pattern_.size())
      return place_ == text_.size() ? outcome::yes : outcome::mismatch;
    if (pattern_[at_] == '*')
      return read_star();
    if (place_ == text_.size())
      return outcome::no; // stars that take more leave even less
    const char c = text_[place_];
    const auto next = read_element(c);
    if (next.end == 0)
      return outcome::no;
    if (!next.matches)
      return outcome::mismatch;
    at_ = next.end;
    ++place_;
    if (of_paths_ && c == '/')
      star_ = {}; // it cannot take the slash
    return outcome::on;
  }

  element read_element(char c) const {
    const bool slash = of_paths_ && c == '/';
    switch (pattern_[at_]) {
    case '?':
      return {at_ + 1, !slash};
    case '[': {
      const auto set = set_reader{pattern_, at_, c}.read();
      return {set.end, set.matches && !slash};
    }
    case '\\':
      if (at_ + 1 == pattern_.size())
        return {};
      return {at_ + 2, pattern_[at_ + 1] == c};
    default:
      return {at_ + 1, pattern_[at_] == c};
    }
  }

  outcome read_star() {
    const auto begin = at_;
    at_ = std::min(pattern_.find_first_not_of('*', at_), pattern_.size());
    const auto rest = pattern_.substr(at_);
    if (of_paths_ && at_ - begin > 1 &&
        (begin == 0 || pattern_[begin - 1] == '/')) {
      if (rest.empty())
        return outcome::yes;
      if (rest.starts_with('/'))
        return take_folders(1);
      if (rest.starts_with("\\/")) {
        take_folders(2);
        return outcome::mismatch; // a slash that is escaped must be there
      }
    }
    star_ = {at_, place_};
    if (!rest.empty())
      return outcome::on;
    if (!of_paths_ || text_.find('/', place_) == none)
      return outcome::yes;
    star_ = {}; // the slash stays, however much stars before it take
    return outcome::mismatch;
  }

  /// Behind the stars of `**`, before a slash; none taken yet.
  outcome take_folders(std::size_t slash_size) {
    at_ += slash_size;
    folders_ = {at_, place_};
    star_ = {};
    return outcome::on;
  }

  bool try_again() {
    if (star_.pattern != none && !(of_paths_ && text_[star_.text] == '/')) {
      at_ = star_.pattern;
      place_ = ++star_.text;
      return true;
    }
    if (folders_.pattern == none)
      return false;
    const auto slash = text_.find('/', folders_.text);
    if (slash == none)
      return false;
    at_ = folders_.pattern;
    place_ = folders_.text = slash + 1;
    star_ = {};
    return true;
  }

  std::string_view pattern_;
  std::string_view text_;
  bool of_paths_;
  std::size_t at_ = 0;    // in the pattern
  std::size_t place_ = 0; // in the text
  retry star_;
  retry folders_;
};

} // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  return matcher{pattern, text, false}.run();
}

bool glob_match_path(std::string_view pattern, std::string_view path) {
  return matcher{pattern, path, true}.run();
}

} // namespace outrigger
