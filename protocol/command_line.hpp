// The daemon's command line, read into the values of options and not judged
// yet: what they mean is the option table's business. For protocol/*.cpp.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "protocol/option_table.hpp"
#include "protocol/options.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// One option's values and where they came from, "command line" and the like.
struct given_values {
  option_values values;
  std::string origin;
};

/// By option name. Sources are read from the strongest to the weakest, and
/// the first to name an option wins.
using given_options = std::map<std::string, given_values, std::less<>>;

struct command_line {
  given_options given;
  std::string config; // --config, "" when absent
  bool print_config = false;
};

/// Malformed for what is no option, or an option without its value.
[[nodiscard]] result<std::variant<command_line, print_and_exit>>
read_command_line(const std::vector<std::string>& args);

} // namespace outrigger
