// New tokens into the register, old ones out of it. Pure: the time and the
// random bytes are handed in.

#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "protocol/credentials.hpp"
#include "protocol/result.hpp"
#include "protocol/token_arguments.hpp"

namespace outrigger {

/// What a token is made of: bytes nobody can guess.
struct token_entropy {
  std::array<std::uint8_t, 32> secret{};
  std::array<std::uint8_t, 4> id{};
};

/// "otr_" and 43 characters of base64url, so that scanners for leaked secrets
/// can tell what it is.
[[nodiscard]] std::string
token_text(const std::array<std::uint8_t, 32>& secret);

/// A token and what is kept of it.
struct issued_token {
  std::string text;
  token_record record;
};

/// Adds a token. Its id is another one than of any token there. Conflict: the
/// register is full.
[[nodiscard]] result<issued_token> issue_token(token_register& to,
                                               const create_token& wish,
                                               const token_entropy& entropy,
                                               std::int64_t now);

/// Takes tokens out, and with all_jwt moves min_issued up to `now`. Not found
/// names the ids that are none; nothing is changed then.
[[nodiscard]] result<void> revoke(token_register& from,
                                  const revoke_tokens& wish, std::int64_t now);

} // namespace outrigger
