// What the daemon compares credentials with, read from its files.
//
//   <state-dir>/token, <state-dir>/tokens.json, --jwt-key ─► credential_store
//
// At the start, and on SIGHUP on a worker thread: it knows nothing but the
// options it is given, and touches nothing but the files they name.

#pragma once

#include <string>

#include "protocol/credentials.hpp"
#include "protocol/options.hpp"
#include "protocol/result.hpp"

namespace outrigger {

struct loaded_credentials {
  credential_store store;
  std::string owner_token; // for the console's URL; "" with --no-auth
};

/// What to do without an owner's token: the first start makes one, later its
/// absence is a mistake.
enum class missing_token { is_made, is_an_error };

/// All of it or nothing. With --no-auth no file is read. The detail is one
/// line that names the file and never holds any of it. Forbidden: a file that
/// others may read or change, or is another user's, and a token or a secret
/// that is too weak. Malformed: a key that cannot be read or is none. Internal:
/// everything else, such as a damaged register.
[[nodiscard]] result<loaded_credentials> load_credentials(const options& opts,
                                                          missing_token then);

/// <state-dir>/tokens.json.
[[nodiscard]] std::string token_register_path(const options& opts);

/// The register of `outrigger token`; empty when there is no file yet. Fails
/// like load_credentials.
[[nodiscard]] result<token_register>
load_token_register(const std::string& path);

/// What the process exits with after such a failure (startup_failure.hpp).
[[nodiscard]] int exit_code_of(const error& failure);

} // namespace outrigger
