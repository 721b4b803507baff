// Credentials the daemon knows, and the principal that one of them makes.
//
//   <state-dir>/token, <state-dir>/tokens.json, --jwt-key ─► credential_store
//
// Static tokens are kept as their SHA-256 only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/digest.hpp"
#include "protocol/jwt.hpp"
#include "protocol/result.hpp"
#include "protocol/scopes.hpp"

namespace outrigger {

/// Who is asking.
struct principal {
  bool authenticated = false;
  std::string name = "anonymous"; // for logs: "owner", "local", "no-auth",
                                  // "token <id>", "jwt <sub>"
  bool by_credential = false;     // not only because none is asked for
  scope_set scopes;
  std::optional<std::int64_t> expires_at; // unix seconds; none: never
  /// What revocation goes by: "token:<id>:<begin of its digest>", so that a
  /// token replaced under its id is another one, "jwt:" and the key's id,
  /// "local" or "".
  std::string credential;
  std::int64_t issued_at = 0; // of a JWT, for min_issued
  bool by_ticket = false;     // may not make further tickets
};

/// One static token, as stored.
struct token_record {
  std::string id;   // 8 hex digits, or "owner"
  std::string name; // what its maker called it, may be empty
  sha256_digest digest{};
  scope_set scopes;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> expires_at;
};

/// What <state-dir>/tokens.json holds.
struct token_register {
  std::vector<token_record> tokens; // at most 1,000
  /// JWTs issued before are revoked; 0: none are.
  std::int64_t min_issued = 0;
};

/// `{"version":1,"min_issued":N,"tokens":[{"id","name","sha256","scopes",
/// "created_at","expires_at"}]}`. Malformed says what is wrong where, never
/// throws, and never repeats the content. Unknown fields are ignored, an
/// unknown version is not.
[[nodiscard]] result<token_register> parse_token_register(std::string_view);
[[nodiscard]] std::string to_json(const token_register& all);

/// Everything a credential is compared with.
struct credential_store {
  std::vector<token_record> tokens; // the owner's first
  std::vector<jwt_key> keys;
  std::int64_t min_issued = 0;
  std::string workspace; // audience of JWTs
};

/// The owner's record: id "owner", every scope, no end.
[[nodiscard]] token_record owner_record(std::string_view token);

} // namespace outrigger
