// Text frames of the channel "auth": how the credential of a live socket is
// renewed. The same in every dialect that has channels.
//
//   server  {"channel":"auth","type":"auth_expiring","expires_at",
//            "grace_seconds"}                        when it has expired
//   client  {"channel":"auth","type":"refresh","token"}
//   server  {"channel":"auth","type":"auth_refreshed","expires_at"}
//   server  {"channel":"auth","type":"error","code","error"}

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

struct auth_refresh {
  std::string token; // not judged yet
};

/// Whether a text frame is worth a look by parse_auth_message: a short search,
/// so that no other frame is parsed twice.
[[nodiscard]] bool may_be_auth_message(std::string_view text);

/// Null when the frame is of another channel, is no JSON object or is longer
/// than any of these: its dialect has the word. Malformed: of this channel,
/// but not a refresh with a token.
[[nodiscard]] result<std::optional<auth_refresh>>
parse_auth_message(std::string_view text);

/// The credential has expired at `expires_at` (seconds since the epoch): the
/// socket closes unless another is shown within limits::auth_grace.
[[nodiscard]] std::string auth_expiring_to_json(std::int64_t expires_at);

/// The new credential was accepted; without an end `expires_at` is null.
[[nodiscard]] std::string
auth_refreshed_to_json(std::optional<std::int64_t> expires_at);

/// It was not. The socket goes on for the rest of its time.
[[nodiscard]] std::string auth_error_to_json(const error& err);

} // namespace outrigger
