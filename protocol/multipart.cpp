#include "protocol/multipart.hpp"

#include <algorithm>

#include "protocol/multipart_header.hpp"

namespace outrigger {

namespace {

error malformed(std::string_view why) {
  return {errc::malformed, "multipart/form-data: " + std::string{why}};
}

error too_large(std::string_view why) {
  return {errc::too_large, "multipart/form-data: " + std::string{why}};
}

} // namespace

multipart_parser::multipart_parser(std::string_view boundary)
    : delimiter_("\r\n--" + std::string{boundary}) {}

result<multipart_parser>
multipart_parser::begin(std::string_view content_type) {
  const auto boundary = parse_form_boundary(content_type);
  if (!boundary)
    return boundary.error();
  return multipart_parser{*boundary};
}

result<void> multipart_parser::feed(std::string_view bytes,
                                    multipart_listener& listener) {
  if (failure_)
    return *failure_;
  while (!bytes.empty()) {
    if (auto done = step(bytes, listener); !done) {
      failure_ = done.error();
      return done;
    }
  }
  return {};
}

result<void> multipart_parser::finish() const {
  if (failure_)
    return *failure_;
  if (state_ != state::epilogue)
    return malformed("the last boundary is missing");
  return {};
}

/// Takes some of the bytes.
result<void> multipart_parser::step(std::string_view& bytes,
                                    multipart_listener& listener) {
  switch (state_) {
  case state::preamble:
  case state::data:
    return take_data(bytes, listener);
  case state::header:
    return take_header(bytes, listener);
  case state::epilogue:
    bytes = {};
    return {};
  default:
    break;
  }
  const char next = bytes.front();
  bytes.remove_prefix(1);
  return after_boundary(next);
}

/// What began like a delimiter in an earlier piece goes on, or was data after
/// all. Its first byte, a carriage return, is in it only once, so that no other
/// one can have begun within it.
result<void> multipart_parser::go_on_matching(std::string_view& bytes,
                                              multipart_listener& listener) {
  const auto rest = std::string_view{delimiter_}.substr(matched_);
  const auto differs =
      std::mismatch(rest.begin(), rest.end(), bytes.begin(), bytes.end()).first;
  const auto same = static_cast<std::size_t>(differs - rest.begin());
  matched_ += same;
  bytes.remove_prefix(same);
  if (matched_ == delimiter_.size())
    return end_part(listener);
  if (bytes.empty())
    return {};
  const auto data =
      std::string_view{delimiter_}.substr(implied_, matched_ - implied_);
  matched_ = implied_ = 0;
  return tell_data(data, listener);
}

/// Up to the delimiter, which may be cut anywhere.
result<void> multipart_parser::take_data(std::string_view& bytes,
                                         multipart_listener& listener) {
  if (matched_ > 0)
    return go_on_matching(bytes, listener);
  auto end = bytes.find(delimiter_);
  if (end != std::string_view::npos) {
    matched_ = delimiter_.size();
  } else {
    const auto tail =
        bytes.substr(bytes.size() - std::min(bytes.size(), delimiter_.size()));
    const auto start = tail.rfind('\r');
    if (start != std::string_view::npos &&
        delimiter_.starts_with(tail.substr(start)))
      matched_ = tail.size() - start;
    end = bytes.size() - matched_;
  }
  const auto data = bytes.substr(0, end);
  bytes.remove_prefix(end + matched_);
  if (auto told = tell_data(data, listener); !told)
    return told;
  return matched_ == delimiter_.size() ? end_part(listener) : result<void>{};
}

result<void> multipart_parser::tell_data(std::string_view bytes,
                                         multipart_listener& listener) {
  if (bytes.empty())
    return {};
  if (state_ == state::data)
    return listener.part_data(bytes);
  skipped_ += bytes.size();
  if (skipped_ > max_preamble)
    return too_large("no boundary within the first 8 KiB");
  return {};
}

/// A boundary was seen.
result<void> multipart_parser::end_part(multipart_listener& listener) {
  const bool in_part = state_ == state::data;
  state_ = state::boundary;
  matched_ = implied_ = skipped_ = 0;
  return in_part ? listener.part_ended() : result<void>{};
}

/// The rest of a boundary's line: two dashes when it is the last one, then
/// blanks, then the line's end.
result<void> multipart_parser::after_boundary(char next) {
  if (state_ == state::boundary && next == '-') {
    state_ = state::closing;
    return {};
  }
  if (state_ == state::closing && next == '-') {
    state_ = state::epilogue;
    return {};
  }
  if (state_ == state::line_feed && next == '\n') {
    if (++parts_ > max_parts)
      return too_large("more than 1000 parts");
    state_ = state::header;
    header_.clear();
    return {};
  }
  if (state_ == state::boundary || state_ == state::padding) {
    if (next == '\r') {
      state_ = state::line_feed;
      return {};
    }
    if ((next == ' ' || next == '\t') && ++skipped_ <= max_part_header) {
      state_ = state::padding;
      return {};
    }
  }
  return malformed("a boundary's line goes on");
}

/// Up to the empty line.
result<void> multipart_parser::take_header(std::string_view& bytes,
                                           multipart_listener& listener) {
  while (!bytes.empty()) {
    const auto line = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    if (header_.size() + line > max_part_header)
      return too_large("a part's header over 8 KiB");
    header_.append(bytes.substr(0, line));
    bytes.remove_prefix(line);
    if (header_ != "\r\n" && !header_.ends_with("\r\n\r\n"))
      continue;
    header_.resize(header_.size() - 2);
    const auto part = parse_part_header(header_);
    if (!part)
      return part.error();
    state_ = state::data;
    header_.clear();
    matched_ = implied_ = line_end;
    return listener.part_began(*part);
  }
  return {};
}

} // namespace outrigger
