// The environment new sessions start with.

#pragma once

#include <string>
#include <vector>

namespace outrigger {

/// The daemon's own, without what is meant for the daemon alone (OUTRIGGER_*,
/// the service manager's variables), and with what a terminal needs.
[[nodiscard]] std::vector<std::string> session_environment();

} // namespace outrigger
