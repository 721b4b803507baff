// RELOADER: at SIGHUP the token files and the certificate are read again, on a
// worker thread. What cannot be read leaves what there is, and a line in the
// log. Live connections whose token is gone are closed.
//
// Part of the daemon, used on the loop.

#pragma once

#include <boost/asio/signal_set.hpp>

#include "actors/os/service_notify.hpp"
#include "actors/os/worker_pool.hpp"
#include "edge_setup.hpp"
#include "protocol/options.hpp"

namespace outrigger {

class reloader {
public:
  /// Everything given outlives it.
  reloader(const options& opts, edge_setup& edge, os::worker_pool& workers,
           os::service_notify& notify);

  /// From now on SIGHUP reloads.
  void start();

private:
  struct read_files;

  void wait();
  void reload();
  void take(read_files files);

  const options& opts_;
  edge_setup& edge_;
  os::worker_pool& workers_;
  os::service_notify& notify_;
  boost::asio::signal_set hangup_;
  bool reading_ = false;
  bool again_ = false; // asked while reading
};

} // namespace outrigger
