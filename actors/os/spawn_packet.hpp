// Packs a spawn request for the holder. Used by holder_client only.
#pragma once

#include "actors/os/holder_client.hpp"
#include "actors/os/unique_fd.hpp"

#include <string>

namespace outrigger::os {

/// A packet and the descriptor that travels with it, if any.
struct outgoing_packet {
  std::string bytes;
  unique_fd fd;
};

/// The spawn packet with its sealed memfd of strings. EINVAL for an empty
/// argv, a NUL in a string, an env entry without '=', or a tag too long.
result<outgoing_packet> make_spawn_packet(const spawn_request& request,
                                          std::uint64_t id);

} // namespace outrigger::os
