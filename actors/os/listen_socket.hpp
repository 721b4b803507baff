// The holder's listening socket: unix SEQPACKET at a path, mode 0600. Made by
// the daemon before it starts a holder, or by a holder started on its own.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <string>

namespace outrigger::os {

/// Binds and listens. A socket nobody listens on is replaced; EADDRINUSE when
/// somebody does, EEXIST when the path is not a socket. Callers that may race
/// for one path hold a lock_file.
result<unique_fd> listen_at(const std::string& path);

/// Connects, non-blocking from then on. ECONNREFUSED or ENOENT: nobody there.
result<unique_fd> connect_to(const std::string& path);

/// Whether somebody listens at the path.
[[nodiscard]] bool holder_listening(const std::string& path);

} // namespace outrigger::os
