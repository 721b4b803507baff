// PASSED SOCKETS: listening sockets that a service manager opened for the
// daemon (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES). Clients that come while
// the daemon restarts wait in them.
//
// Taken once, at the start, before anything else opens descriptors.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/service_environment.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace outrigger::os {

struct passed_socket {
  unique_fd fd;     // close-on-exec and non-blocking by now
  std::string name; // "unknown" when the manager gives none
  /// Where it listens, as --listen has it: "127.0.0.1:3002", "[::1]:80",
  /// "unix:/run/x.sock"; "unix:@name" for an abstract one.
  std::string address;
  bool is_unix = false;
};

/// Why what was passed is of no use.
struct passed_socket_error {
  std::error_code error;
  std::string what; // "passed socket 4 (web): not a listening socket"
  [[nodiscard]] const std::string& message() const noexcept { return what; }
};

[[noreturn]] void
throw_exception_from_error(const passed_socket_error& error,
                           const boost::source_location& where);

using passed_sockets_result =
    boost::system::result<std::vector<passed_socket>, passed_socket_error>;

/// Takes ownership of every passed descriptor; none when LISTEN_PID is not
/// `self`. Fails when one of them is not a stream socket that listens, of
/// TCP or of a unix path; all are closed then. `first` is where they begin.
passed_sockets_result take_passed_sockets(const environment_lookup& variable,
                                          pid_t self, int first = 3);

} // namespace outrigger::os
