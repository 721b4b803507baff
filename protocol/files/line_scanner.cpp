#include "protocol/files/line_scanner.hpp"

#include <algorithm>
#include <utility>

namespace outrigger {

line_scanner::line_scanner(const line_matcher& matcher, std::size_t context,
                           std::size_t max_matches)
    : matcher_{matcher}, context_{context}, max_matches_{max_matches} {}

bool line_scanner::feed(std::string_view piece) {
  if (piece.find('\0') != std::string_view::npos) {
    binary_ = true;
    found_.clear();
  }
  if (is_enough())
    return false;
  if (skipping_) {
    const auto end = piece.find('\n');
    if (end == std::string_view::npos)
      return true;
    skipping_ = false;
    piece.remove_prefix(end + 1);
  }
  buffer_.append(piece);
  const auto last = buffer_.rfind('\n');
  if (last != std::string::npos && last >= next_) {
    search(last + 1);
  } else if (buffer_.size() - next_ > max_line) {
    buffer_.resize(next_ + max_line);
    buffer_ += '\n';
    search(buffer_.size());
    skipping_ = true;
  }
  forget();
  return !is_enough();
}

std::vector<found_line> line_scanner::finish() {
  if (!is_enough() && next_ < buffer_.size())
    search(buffer_.size());
  return binary_ ? std::vector<found_line>{} : std::move(found_);
}

/// Searches the lines up to `end`.
void line_scanner::search(std::size_t end) {
  while (next_ < end && matches_ < max_matches_ && !is_enough()) {
    const auto match = matcher_.find(lines(next_, end));
    if (!match)
      break;
    const auto at = next_ + *match;
    const auto before =
        at == 0 ? std::string::npos : buffer_.rfind('\n', at - 1);
    const auto begin =
        before == std::string::npos || before < next_ ? next_ : before + 1;
    const auto stop = std::min(buffer_.find('\n', at), end - 1) + 1;
    show_after(begin);
    show_before(begin);
    add_match(begin, stop, at);
  }
  show_after(end);
}

void line_scanner::add_match(std::size_t begin, std::size_t end,
                             std::size_t match) {
  show(show_line(line_, match - begin + 1, lines(begin, end), false));
  ++matches_;
  after_ = context_;
  pass(end);
}

/// Shows the lines right before `begin`, which is the next one, that are not
/// shown yet.
void line_scanner::show_before(std::size_t begin) {
  const auto count = std::min<std::uint64_t>(context_, line_ - 1 - shown_);
  std::vector<found_line> before;
  for (std::uint64_t i = 1; i <= count && begin > 0; ++i) {
    const auto above =
        begin < 2 ? std::string::npos : buffer_.rfind('\n', begin - 2);
    const auto start = above == std::string::npos ? 0 : above + 1;
    before.push_back(
        show_line(line_ - i, std::nullopt, lines(start, begin), false));
    begin = start;
  }
  for (auto line = before.rbegin(); line != before.rend(); ++line)
    show(std::move(*line));
}

/// Passes over the lines up to `end`, and shows those that are still owed.
void line_scanner::show_after(std::size_t end) {
  for (; after_ > 0 && next_ < end; --after_) {
    const auto stop = std::min(buffer_.find('\n', next_), end - 1) + 1;
    show(show_line(line_, std::nullopt, lines(next_, stop), false));
    pass(stop);
  }
  pass(end);
}

void line_scanner::show(found_line line) {
  shown_ = line.line;
  bytes_ += line.text.size();
  found_.push_back(std::move(line));
}

void line_scanner::pass(std::size_t end) {
  const auto passed = lines(next_, end);
  line_ += static_cast<std::uint64_t>(
      std::count(passed.begin(), passed.end(), '\n'));
  next_ = end;
}

/// Drops what will not be shown any more.
void line_scanner::forget() {
  auto keep = next_;
  for (std::size_t i = 0; i < context_ && keep > 0; ++i) {
    const auto above =
        keep < 2 ? std::string::npos : buffer_.rfind('\n', keep - 2);
    keep = above == std::string::npos ? 0 : above + 1;
  }
  buffer_.erase(0, keep);
  next_ -= keep;
}

} // namespace outrigger
