// Connecting to a holder: the only exchange with it that is waited for.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>

namespace outrigger::os {

/// A connection whose hello was accepted.
struct holder_connection {
  unique_fd socket; // non-blocking
  pid_t pid = 0;    // the holder's
};

/// Connects and says hello; blocks for at most `timeout`, then ETIMEDOUT. See
/// holder_client::connect for the other errors.
result<holder_connection> connect_to_holder(const std::string& path,
                                            std::chrono::milliseconds timeout);

} // namespace outrigger::os
