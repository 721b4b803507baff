// The command line of `outrigger token …`: what is to be done to the tokens of
// which state directory. Pure: environment, files and the time are handed in.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/options.hpp"
#include "protocol/result.hpp"
#include "protocol/scopes.hpp"

namespace outrigger {

struct create_token {
  std::string name; // may be empty
  scope_set scopes;
  std::optional<std::int64_t> expires_at;
};

struct list_tokens {
  bool json = false;
};

struct revoke_tokens {
  std::vector<std::string> ids;
  bool all_jwt = false; // every JWT issued so far
};

struct token_order {
  options where; // as the daemon of that directory would have them
  std::variant<print_and_exit, create_token, list_tokens, revoke_tokens> what;
};

/// `args` are what follows `outrigger token`. Malformed: no or an unknown
/// command or option, scopes or a time that are none, nothing to revoke, bad
/// options of the daemon in the environment or in the file.
[[nodiscard]] result<token_order>
parse_token_arguments(const std::vector<std::string>& args,
                      const option_sources& sources, std::int64_t now);

} // namespace outrigger
