// What the daemon tells of changes, put together: watched folders, their desk,
// the machine's load. Part of the daemon, and lives as long.

#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "actors/files/workspace.hpp"
#include "actors/metrics.hpp"
#include "net/bridge.hpp"

namespace outrigger {

class watch_setup {
public:
  /// All of them outlive this.
  watch_setup(boost::asio::io_context& loop, os::worker_pool& workers,
              std::shared_ptr<const workspace> files, watch_meters& counted);

  [[nodiscard]] watch_actors spawn(caf::actor_system& system) const;
  [[nodiscard]] watch_figures figures() const;

private:
  os::worker_pool& workers_;
  std::shared_ptr<const workspace> files_;
  watch_meters& counted_;
  std::shared_ptr<os::folder_watches> folders_;
};

/// Ends the actors, and the watching with them.
void end_watching(watch_actors& actors);

} // namespace outrigger
