// Command line of the holder.
#pragma once

#include "tools/holder/log.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace outrigger::holder {

struct options {
  std::string socket;
  int listen_fd = -1; // a listening socket we were given
  std::chrono::seconds idle_exit{60};
  bool cgroups = true;
  log_format log = log_format::text;
  std::vector<std::string> command; // the holder is an init if there is one
  bool help = false;
  bool version = false;
};

/// Nothing, and a line in `error`, for a command line that makes no sense.
std::optional<options> parse_options(int argc, char** argv, std::string& error);

/// What --help prints.
extern const char* const usage;

} // namespace outrigger::holder
