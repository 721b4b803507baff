// FLOODERS: clients with a good credential that take all they can get, in a
// process of their own. One that is closed connects again.
//
//   sender   1 MiB frames for its terminal, as fast as they are taken
//   sleeper  attached to its terminal, and never reads

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/child_process.hpp"

namespace outrigger::bench {

struct flooder_plan {
  std::uint8_t terminal = 0;
  bool sends = false;
};

struct flood_figures {
  std::atomic<std::size_t> connected{0};
  std::atomic<std::size_t> closed{0};  // by the daemon
  std::atomic<std::size_t> refused{0}; // at the upgrade
  std::atomic<std::uint64_t> sent_bytes{0};
};

class flooders {
public:
  /// `target` is that of a socket that attaches nothing by itself.
  flooders(std::uint16_t port, std::string target,
           const std::vector<flooder_plan>& plans);

  [[nodiscard]] const flood_figures& figures() const { return *figures_; }

private:
  shared_value<flood_figures> figures_;
  child_process process_;
};

} // namespace outrigger::bench
