#include "net/call_fields.hpp"

namespace outrigger {
namespace {

namespace http = boost::beast::http;

std::string joined(const http::request_header<>& head, http::field name) {
  std::string out;
  const auto [begin, end] = head.equal_range(name);
  for (auto it = begin; it != end; ++it) {
    if (it != begin)
      out += ", ";
    out.append(it->value().data(), it->value().size());
  }
  return out;
}

} // namespace

request_fields call_fields(const http::request_header<>& head,
                           std::optional<std::uint64_t> content_length) {
  request_fields out;
  out.content_type = joined(head, http::field::content_type);
  out.range = joined(head, http::field::range);
  out.if_range = joined(head, http::field::if_range);
  out.if_match = joined(head, http::field::if_match);
  out.if_none_match = joined(head, http::field::if_none_match);
  out.if_modified_since = joined(head, http::field::if_modified_since);
  out.if_unmodified_since = joined(head, http::field::if_unmodified_since);
  out.content_length = content_length;
  return out;
}

} // namespace outrigger
