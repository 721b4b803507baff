// The register of tokens for people and for programs to read: never a token,
// and never what is kept of one.

#pragma once

#include <cstdint>
#include <string>

#include "protocol/credentials.hpp"

namespace outrigger {

/// "2026-02-03T04:05:06Z".
[[nodiscard]] std::string written_time(std::int64_t unix_seconds);

/// "never", a time, or "expired" and the time.
[[nodiscard]] std::string written_expiry(const token_record& token,
                                         std::int64_t now);

/// A table with a header, one line for each token; "no tokens" without any.
/// Says so when JWTs are revoked. Ends with a line break.
[[nodiscard]] std::string to_table(const token_register& all, std::int64_t now);

/// `{"min_issued":N,"tokens":[{"id","name","scopes","created_at",
/// "expires_at","expired"}]}` with times in unix seconds, null for never.
[[nodiscard]] std::string to_listing(const token_register& all,
                                     std::int64_t now);

} // namespace outrigger
