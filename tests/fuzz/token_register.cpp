// The file of static tokens.

#include "protocol/credentials.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = parse_token_register(fuzz::view_of(data, size));
  if (!read) {
    fuzz::require(!read.error().detail.empty(), "a refusal says why");
    return 0;
  }
  fuzz::require(read->tokens.size() <= 1000, "a register has its limit");
  for (const auto& token : read->tokens) {
    fuzz::require(!token.scopes.empty(), "a token is good for something");
    fuzz::require(token.id != "owner", "the owner's token is elsewhere");
  }
  const auto text = to_json(*read);
  const auto again = parse_token_register(text);
  fuzz::require(again && to_json(*again) == text,
                "what is written is read the same");
  return 0;
}
