// EDGE SETUP: what the daemon opens while it still may open everything:
// credentials, certificate, listening sockets. After it the daemon gives up
// what it no longer needs (actors/os/sandbox) and starts its threads.
//
// Made once by run_daemon, lives as long as the daemon.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "actors/os/passed_sockets.hpp"
#include "actors/os/sandbox.hpp"
#include "net/server.hpp"
#include "protocol/meters.hpp"
#include "protocol/options.hpp"

namespace outrigger {

class edge_setup {
public:
  /// Listens on the passed sockets, or without any where the options say.
  /// Throws startup_failure.
  edge_setup(const options& opts, std::vector<os::passed_socket> passed);

  meters counted;                  // outlives what is left in the loop
  boost::asio::io_context loop{1}; // one thread: no locks needed inside Asio
  std::shared_ptr<server_context> context;
  std::unique_ptr<server> served;
  std::string announcement; // the lines on stdout once we accept
};

/// The files and folders the daemon works with after its start.
[[nodiscard]] os::sandbox_plan sandbox_plan_of(const options& opts);

/// The budget of the overload manager: what the options say, or a part of
/// what the control group allows, and every descriptor.
[[nodiscard]] load_figures load_budget_of(const options& opts);

} // namespace outrigger
