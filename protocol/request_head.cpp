#include "protocol/request_head.hpp"

#include <algorithm>
#include <string>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

error bad(std::string_view why) {
  return {errc::malformed, "bad request: " + std::string{why}};
}

/// Tokens between commas, with empty places where there is nothing.
bool is_token_list(std::string_view text) {
  const auto pieces = ascii::split(text, ',');
  return std::all_of(pieces.begin(), pieces.end(), [](std::string_view piece) {
    const auto element = ascii::trim(piece);
    return element.empty() || ascii::is_token(element);
  });
}

/// The fields that decide where a request ends, or what follows it.
struct framing {
  std::string_view transfer_encoding;
  std::string_view content_length;
  std::size_t transfer_encodings = 0;
  std::size_t content_lengths = 0;
};

result<void> check_request_line(std::string_view line, bool& http_1_1) {
  const auto method_end = line.find(' ');
  const auto target_end =
      method_end == line.npos ? line.npos : line.find(' ', method_end + 1);
  if (target_end == line.npos || target_end == method_end + 1)
    return bad("the request line is not a method, a target and a version");
  const auto version = line.substr(target_end + 1);
  http_1_1 = version == "HTTP/1.1";
  if (!http_1_1 && version != "HTTP/1.0")
    return bad("the version is not 1.1 or 1.0");
  if (!ascii::is_token(line.substr(0, method_end)))
    return bad("the method is not a token");
  if (std::any_of(line.begin(), line.end(), ascii::is_control))
    return bad("a control character in the request line");
  return {};
}

result<void> check_meaning(std::string_view name, std::string_view value,
                           framing& found) {
  if (ascii::equal_ignoring_case(name, "Transfer-Encoding")) {
    found.transfer_encoding = value;
    ++found.transfer_encodings;
  } else if (ascii::equal_ignoring_case(name, "Content-Length")) {
    found.content_length = value;
    ++found.content_lengths;
  } else if (ascii::equal_ignoring_case(name, "Upgrade")) {
    if (!ascii::equal_ignoring_case(value, "websocket"))
      return bad("Upgrade to anything but websocket");
  } else if (ascii::equal_ignoring_case(name, "Connection") ||
             ascii::equal_ignoring_case(name, "Proxy-Connection")) {
    if (!is_token_list(value))
      return bad("Connection is not a list of tokens");
  } else if (ascii::equal_ignoring_case(name, "Expect")) {
    if (!ascii::equal_ignoring_case(value, "100-continue"))
      return error{errc::expectation, "Expect other than 100-continue"};
  }
  return {};
}

result<void> check_field(std::string_view line, framing& found) {
  if (line.front() == ' ' || line.front() == '\t')
    return bad("a folded header line");
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  if (colon == line.npos || !ascii::is_token(name))
    return bad("a header line that is not NAME: VALUE");
  const auto value = line.substr(colon + 1);
  if (std::any_of(value.begin(), value.end(),
                  [](char c) { return c != '\t' && ascii::is_control(c); }))
    return bad("a control character in a header value");
  return check_meaning(name, ascii::trim(value), found);
}

result<void> check_framing(const framing& found, bool http_1_1) {
  if (found.transfer_encodings > 0 &&
      (found.transfer_encodings > 1 || !http_1_1 ||
       !ascii::equal_ignoring_case(found.transfer_encoding, "chunked")))
    return bad("Transfer-Encoding other than one chunked");
  if (found.content_lengths == 0)
    return {};
  const auto length = found.content_length;
  // 18 digits fit every type that might count them.
  if (found.content_lengths > 1 || found.transfer_encodings > 0 ||
      length.empty() || length.size() > 18 ||
      !std::all_of(length.begin(), length.end(), ascii::is_digit))
    return bad("Content-Length is not one number, or comes with "
               "Transfer-Encoding");
  return {};
}

} // namespace

result<std::size_t> find_head_end(std::string_view bytes, std::size_t from,
                                  const limits::edge_limits& limits) {
  // The line feed found first may belong to a pair begun earlier.
  for (auto at = bytes.find('\n', from); at != bytes.npos;
       at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r')
      return bad("a line that does not end with CR LF");
    if (at == 1)
      return bad("an empty line before the request");
    if (at + 1 > limits.max_header)
      break;
    if (at >= 3 && bytes[at - 2] == '\n')
      return at + 1;
  }
  if (bytes.size() >= limits.max_header)
    return error{errc::too_large, "request header over " +
                                      std::to_string(limits.max_header) +
                                      " bytes"};
  return std::size_t{0};
}

result<void> check_request_head(std::string_view head,
                                const limits::edge_limits& limits) {
  bool http_1_1 = false;
  framing found;
  std::size_t fields = 0;
  for (std::size_t at = 0;;) {
    const auto end = head.find('\n', at);
    if (end == head.npos || end == at || head[end - 1] != '\r')
      return bad("a line that does not end with CR LF");
    const auto line = head.substr(at, end - 1 - at);
    const bool first = at == 0;
    at = end + 1;
    if (line.empty() && !first)
      break;
    if (!first && ++fields > limits.max_fields)
      return error{errc::too_large, "over " +
                                        std::to_string(limits.max_fields) +
                                        " header fields"};
    const auto ok =
        first ? check_request_line(line, http_1_1) : check_field(line, found);
    if (!ok)
      return ok.error();
  }
  return check_framing(found, http_1_1);
}

bool is_json_type(std::string_view content_type) {
  const auto type = ascii::trim(content_type.substr(0, content_type.find(';')));
  return ascii::equal_ignoring_case(type, "application/json");
}

} // namespace outrigger
