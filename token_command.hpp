// TOKEN COMMAND: `outrigger token create|list|revoke`, from its arguments to
// the register of tokens on disk and a word to the daemon that runs.
//
//   arguments → lock → tokens.json → change → tokens.json → SIGHUP
//
// A process of its own beside the daemon, as long as one command takes.

#pragma once

#include <string>
#include <vector>

#include "protocol/options.hpp"

namespace outrigger {

/// `args` are what follows `outrigger token`. Prints what was asked for on
/// stdout, the rest on stderr, and returns the exit code: 0, or exit_failed
/// for a revocation that a running daemon could not be told of. Throws
/// startup_failure (startup_failure.hpp) when it could not do what it was asked
/// for.
[[nodiscard]] int run_token_command(const std::vector<std::string>& args,
                                    const option_sources& sources);

} // namespace outrigger
