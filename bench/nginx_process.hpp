// NGINX PROCESS: the reference for serving files: one worker, sendfile, in a
// directory of its own, on a free port. Ended by pid with its owner.

#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace outrigger::bench {

class nginx_process {
public:
  /// Serves `root`; its own files go to `directory`, which exists. Throws
  /// failure when there is no nginx.
  nginx_process(const std::string& root, const std::string& directory);
  nginx_process(const nginx_process&) = delete;
  nginx_process& operator=(const nginx_process&) = delete;
  ~nginx_process();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// CPU time of master and worker.
  [[nodiscard]] double cpu() const;

private:
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

/// A port of loopback that nobody listens on now.
[[nodiscard]] std::uint16_t free_port();

} // namespace outrigger::bench
