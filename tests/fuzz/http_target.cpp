#include "protocol/http_target.hpp"

#include "protocol/limits.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view_of(data, size);
  const auto target = parse_http_target(text);
  if (!target)
    return 0;
  fuzz::require(text.size() <= limits::max_target, "long targets are refused");
  fuzz::require(target->path.front() == '/', "a path begins with a slash");
  fuzz::require(target->path == text.substr(0, text.find('?')),
                "the path is what was sent");
  for (const auto* secret : {"token", "api_key", "internal_token", "ticket"})
    fuzz::require(!target->find(secret), "secrets leave the query");
  for (const auto& [name, value] : target->query)
    fuzz::require(name.find('\0') == std::string::npos &&
                      value.find('\0') == std::string::npos,
                  "the query holds no NUL");
  // The path alone is a target again: nothing in it depended on the rest.
  fuzz::require(parse_http_target(target->path).has_value(),
                "a path is a target");
  return 0;
}
