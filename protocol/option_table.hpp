// The table of the daemon's options: one row says how an option is spelled,
// explained, set and shown, wherever its value came from. For protocol/*.cpp.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/options.hpp"

namespace outrigger {

/// How often an option is given, and what type its TOML value has.
enum class option_kind : std::uint8_t {
  flag,   // true or false
  number, // one integer
  text,   // one string
  list,   // any number of strings
  time,   // one string with a unit
  size,   // one string with a unit, or an integer of bytes
};

/// A source's values of one option, as text; "true" or "false" for a flag.
using option_values = std::vector<std::string>;

struct option_spec {
  std::string_view name; // "state-dir"
  option_kind kind;
  std::string_view group;
  std::string_view value_name; // "DIR"
  std::string_view help;
  /// Sets the option from at least one value. Returns what is wrong with
  /// them, or "".
  std::string (*set)(options& to, const option_values& values);
  /// The value as TOML.
  std::string (*show)(const options& from);

  /// "OUTRIGGER_STATE_DIR".
  [[nodiscard]] std::string environment_name() const;
  /// "state_dir".
  [[nodiscard]] std::string file_key() const;
};

[[nodiscard]] std::span<const option_spec> option_specs();

} // namespace outrigger
