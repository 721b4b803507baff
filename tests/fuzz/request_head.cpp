// The judging of heads against the parser that reads them afterwards: what is
// accepted, Beast reads to its end and understands alike.

#include "protocol/request_head.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "protocol/ascii.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

namespace http = boost::beast::http;

const limits::edge_limits defaults;

/// Where the head ends when the bytes come in pieces of a few at a time.
result<std::size_t> find_slowly(std::string_view bytes, std::size_t step) {
  std::size_t seen = 0;
  for (;;) {
    const auto have = std::min(seen + step, bytes.size());
    const auto end = find_head_end(bytes.substr(0, have), seen, defaults);
    if (!end || *end != 0 || have == bytes.size())
      return end;
    seen = have;
  }
}

/// The value of the only field with this name, as plainly as can be.
std::optional<std::string_view> find_field(std::string_view head,
                                           std::string_view name) {
  for (auto at = head.find("\r\n"); at + 2 < head.size();
       at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(':');
    if (colon != line.npos &&
        ascii::equal_ignoring_case(line.substr(0, colon), name))
      return ascii::trim(line.substr(colon + 1));
  }
  return std::nullopt;
}

void compare_with_beast(std::string_view head) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(defaults.max_header));
  parser.body_limit(boost::none);
  boost::beast::error_code ec;
  const auto used =
      parser.put(boost::asio::buffer(head.data(), head.size()), ec);
  fuzz::require(!ec, "what is accepted can be parsed");
  fuzz::require(parser.is_header_done(), "a head is a whole one");
  fuzz::require(used == head.size(), "a head has nothing behind it");

  const auto encoding = find_field(head, "Transfer-Encoding");
  fuzz::require(parser.chunked() == encoding.has_value(),
                "both see the same Transfer-Encoding");
  const auto length = find_field(head, "Content-Length");
  fuzz::require(parser.content_length().has_value() == length.has_value(),
                "both see a Content-Length");
  if (length)
    fuzz::require(parser.content_length() ==
                      ascii::parse_decimal<std::uint64_t>(*length),
                  "both read the same Content-Length");
  fuzz::require(!encoding || !length, "a body's end is told in one way");
  fuzz::require(!parser.get().target().empty(), "a request has a target");
  fuzz::require(parser.get().version() == 10 || parser.get().version() == 11,
                "both read the same version");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::view_of(data, size);
  const auto end = find_head_end(bytes, 0, defaults);
  for (const std::size_t step : {1u, 7u, 100u}) {
    const auto slow = find_slowly(bytes, step);
    fuzz::require(slow.has_value() == end.has_value(),
                  "pieces are refused when the whole is");
    fuzz::require(!slow || *slow == *end, "pieces end where the whole does");
  }
  (void)check_request_head(bytes, defaults); // also of what is no head
  if (!end || *end == 0)
    return 0;
  const auto head = bytes.substr(0, *end);
  fuzz::require(head.ends_with("\r\n\r\n"), "a head ends with an empty line");
  fuzz::require(head.find("\r\n\r\n") + 4 == head.size(), "with the first one");
  fuzz::require(head.size() <= defaults.max_header, "a head is small");
  if (check_request_head(head, defaults))
    compare_with_beast(head);
  return 0;
}
