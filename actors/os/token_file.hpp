// The access token on disk: read, or made on the first start.
#pragma once

#include "actors/os/result.hpp"

#include <string>

namespace outrigger::os {

/// Reads a token. Refuses a file that is not ours (errc::foreign_owner) or
/// that group or others may access (errc::exposed), and a token of less than
/// 32 characters or with other characters than [A-Za-z0-9._~+/=-]
/// (errc::bad_token). A trailing newline does not count.
result<std::string> read_token(const std::string& path);

/// read_token, or if there is no such file a new token: 64 hex digits from
/// the kernel, in a file of mode 0600 that is complete and on disk before it
/// gets its name. Of two creators at once both get the same token.
result<std::string> read_or_create_token(const std::string& path);

} // namespace outrigger::os
