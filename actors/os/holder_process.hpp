// Starting a holder. Called by the daemon when it finds none; the holder then
// lives on its own, in its own session, longer than the daemon.
#pragma once

#include "actors/os/listen_socket.hpp"
#include "actors/os/result.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace outrigger::os {

/// Listens at `socket_path`, then starts `program` with that socket as its
/// descriptor 3, so that a connect right afterwards succeeds. `options` are
/// added to its command line. The child has
/// default signals, /dev/null as stdin and our stderr; it is the caller's to
/// reap should it exit while the caller lives.
result<pid_t> start_holder(const std::string& program,
                           const std::string& socket_path,
                           const std::vector<std::string>& options = {});

} // namespace outrigger::os
