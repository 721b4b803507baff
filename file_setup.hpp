// What the daemon serves of the file system, put together from the options:
// roots, what is kept closed, the pool for slow work, the files desk. Part of
// the daemon, and lives as long.

#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "actors/files/files_desk.hpp"
#include "actors/os/worker_pool.hpp"
#include "protocol/options.hpp"

namespace outrigger {

class file_setup {
public:
  /// Opens the roots, and removes what a daemon before us left unfinished.
  /// Throws startup_failure. `quick` and the loop outlive this.
  file_setup(const options& opts, boost::asio::io_context& loop,
             os::worker_pool& quick);

  [[nodiscard]] files_actor spawn_desk(caf::actor_system& system) const;

  [[nodiscard]] const std::shared_ptr<const workspace>& files() const {
    return context_->files;
  }

  [[nodiscard]] const std::shared_ptr<file_pool>& pool() const {
    return context_->pool;
  }

  /// Waits for the work that runs. Afterwards nothing begins any more.
  void stop();

private:
  os::worker_pool slow_;
  std::shared_ptr<const file_context> context_;
};

} // namespace outrigger
