// Reading a spawn packet and its memfd of strings: everything in them is
// checked here, before there is a process.
#pragma once

#include "actors/os/holder_protocol.hpp"
#include "actors/os/result.hpp"
#include "actors/os/ring.hpp"
#include "tools/holder/child.hpp"
#include "tools/holder/held_session.hpp"

#include <span>
#include <string>
#include <vector>

namespace outrigger::holder {

struct spawn_order {
  child_plan plan;
  std::string tag;
  ring_plan rings;
};

/// EINVAL for a packet of the wrong size or values, EBADF without exactly one
/// sealed memfd, EBADMSG for strings that are not what was announced.
os::result<spawn_order> read_spawn_order(std::span<const char> packet,
                                         const std::vector<os::unique_fd>& fds);

} // namespace outrigger::holder
