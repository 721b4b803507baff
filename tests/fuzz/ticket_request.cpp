// The body of POST /ticket.

#include "protocol/ticket_book.hpp"

#include "protocol/http_target.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = parse_ticket_request(fuzz::view_of(data, size));
  if (!read) {
    fuzz::require(!read.error().detail.empty(), "a refusal says why");
    return 0;
  }
  const auto target = parse_http_target(read->path);
  fuzz::require(target && target->path == read->path && target->query.empty() &&
                    target->secrets.empty(),
                "the path is one, and nothing else");
  fuzz::require(!read->scopes || !read->scopes->empty(),
                "a ticket is good for something");
  fuzz::require(!ticket_to_json("tkt_x", read->path).empty(),
                "every path can be answered");
  return 0;
}
