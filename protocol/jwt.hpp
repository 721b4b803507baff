// JSON Web Tokens: verified, never issued. HS256, ES256 and EdDSA (Ed25519) on
// OpenSSL's EVP.
//
// The algorithm belongs to the key, not to the token: a token that names
// another one than its key's is refused before anything is computed. Pure
// functions: time and keys are handed in.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

enum class jwt_algorithm : std::uint8_t { hs256, es256, eddsa };

/// "HS256", "ES256" or "EdDSA", exactly.
[[nodiscard]] std::optional<jwt_algorithm>
parse_jwt_algorithm(std::string_view name);

/// One key record: which tokens it is for and how they are signed. Cheap to
/// copy; the key is shared and never changes.
class jwt_key {
public:
  /// `material` is the secret's bytes for HS256 (32 at least) and a public
  /// key in PEM for the others (P-256, Ed25519). Malformed says what is wrong
  /// with it, without any of it. An empty `kid` is the key of tokens without
  /// one. A private key is refused, for the daemon should not hold one, and so
  /// is a PEM text as a secret: what is public would sign tokens.
  [[nodiscard]] static result<jwt_key>
  make(std::string kid, jwt_algorithm algorithm, std::string_view material);

  [[nodiscard]] const std::string& kid() const { return kid_; }
  /// "<kid>:<begin of the material's digest>": another key in the same file is
  /// another one, and so is the same one in another spelling.
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] jwt_algorithm algorithm() const { return algorithm_; }

  /// Whether `signature` is this key's over `input`. In its JWS form: 32 bytes
  /// for HS256, 64 for the others. Time does not depend on how much of an
  /// HS256 signature is right.
  [[nodiscard]] bool verify(std::string_view input,
                            std::string_view signature) const;

private:
  struct prepared; // jwt_key.cpp: what it makes of the material

  jwt_key(std::string kid, std::string id, jwt_algorithm algorithm,
          std::shared_ptr<const prepared> made);

  std::string kid_;
  std::string id_;
  jwt_algorithm algorithm_;
  std::shared_ptr<const prepared> prepared_;
};

struct jwt_rules {
  std::string_view audience;   // the workspace id; `aud` must be or hold it
  std::int64_t min_issued = 0; // tokens issued before are revoked
};

/// What a verified token says. Times are seconds since the epoch.
struct jwt_claims {
  std::string subject;        // `sub`, may be empty
  std::string scope;          // `scope`: blank-separated, or an array joined so
  std::string key_id;         // jwt_key::id() of the key it is signed with
  std::string id;             // `jti`, may be empty
  std::int64_t issued_at = 0; // `iat`, 0 when absent
  std::int64_t expires_at = 0; // `exp`
};

/// Whether it has a JWT's form at all: two dots.
[[nodiscard]] bool looks_like_jwt(std::string_view token);

/// Checks form, header, key, signature, then the claims, in that order.
/// Unauthorized says which rule it broke ("the token has expired"), never any
/// part of the token. The rules, each with its test:
///   at most 8 KiB; exactly three segments of strict base64url (no padding, no
///   stray bits); the header is a JSON object of `alg`, `typ`, `kid` only,
///   without duplicates, each a string; the key is the first in `keys` with
///   this `kid`; `alg` equals the key's; an ES256 signature is exactly 64
///   bytes; no claim named here twice or of another type, null included;
///   times are integers from 0 to the year 9999; `exp` and `aud` required,
///   `exp` after `now`; `nbf` and `iat` at most 30 s ahead; lifetime (`exp` −
///   `iat`, or − now without `iat`) at most 24 h; with min_issued set `iat`
///   is required and not before it; an array of scopes has no element that
///   would be read as two.
[[nodiscard]] result<jwt_claims> verify_jwt(std::string_view token,
                                            std::span<const jwt_key> keys,
                                            const jwt_rules& rules,
                                            std::int64_t now);

} // namespace outrigger
