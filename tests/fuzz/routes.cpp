// A method and a path, on a line each.

#include "protocol/routes.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::view_of(data, size);
  const auto method = fuzz::take_line(rest);
  const auto found = match_route(method, rest, [](std::string_view path) {
    return path.substr(0, 5) == "/app/";
  });
  if (!found) {
    fuzz::require(!found.error().detail.empty(), "a refusal says why");
    return 0;
  }
  fuzz::require(found->matched != nullptr, "a match has its route");
  fuzz::require(found->matched->method == method ||
                    (method == "HEAD" && found->matched->method == "GET"),
                "a match is of the method asked for");
  const bool wants_id =
      found->matched->pattern.find('{') != std::string_view::npos;
  fuzz::require(wants_id == !found->id.empty(), "an id is where one belongs");
  fuzz::require(!found->canonical.empty() && found->canonical.front() == '/',
                "the canonical path is a path");
  return 0;
}
