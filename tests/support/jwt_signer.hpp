// Issues JSON Web Tokens, for tests and benchmarks: the daemon itself only
// verifies. Keys are made when a signer is. Throws when OpenSSL fails.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "protocol/jwt.hpp"

namespace outrigger::test {

[[nodiscard]] std::string to_base64url(std::string_view bytes);

/// What asymmetric keys are made of: the ones that JWTs may have, and others.
enum class key_kind { p256, p256_explicit, p384, k256, ed25519, ed448, rsa };

/// A fresh pair of keys.
class key_pair {
public:
  explicit key_pair(key_kind kind);

  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string private_pem() const;

  /// The signature as JWS has it: R and S of 32 bytes each for P-256.
  [[nodiscard]] std::string sign(std::string_view input) const;
  /// As OpenSSL makes it: DER for elliptic curves.
  [[nodiscard]] std::string sign_plain(std::string_view input) const;

private:
  key_kind kind_;
  std::shared_ptr<EVP_PKEY> key_;
};

[[nodiscard]] std::string hmac_sha256(std::string_view secret,
                                      std::string_view input);

/// `count` bytes nobody else has.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// One key record's other half.
class jwt_signer {
public:
  /// With a fresh key of 32 bytes or a fresh pair.
  explicit jwt_signer(jwt_algorithm algorithm, std::string kid = "k");
  /// HS256 with this secret.
  jwt_signer(std::string secret, std::string kid);

  /// What the daemon's side is given: the secret, or the public key in PEM.
  [[nodiscard]] const std::string& material() const { return material_; }
  [[nodiscard]] jwt_key key() const;

  /// {"alg":…,"typ":"JWT","kid":…}
  [[nodiscard]] std::string header() const;
  [[nodiscard]] std::string signature(std::string_view input) const;

  /// A signed token of these two texts, which need not be JSON.
  [[nodiscard]] std::string token(std::string_view header,
                                  std::string_view claims) const;
  [[nodiscard]] std::string token(std::string_view claims) const {
    return token(header(), claims);
  }

private:
  jwt_algorithm algorithm_;
  std::string kid_;
  std::string material_;
  std::shared_ptr<key_pair> pair_; // null for HS256
};

} // namespace outrigger::test
