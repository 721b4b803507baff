// How options are set from text and shown as TOML, for the rows of the option
// table: by kind of member, and one by one where an option has rules of its
// own. A setter gets at least one value and returns what is wrong with them,
// or "". For protocol/*.cpp.

#pragma once

#include "protocol/option_table.hpp"
#include "protocol/option_text.hpp"

namespace outrigger {

// -- by kind of member --------------------------------------------------------

template <std::string options::*Member>
std::string set_text(options& to, const option_values& values) {
  if (values.back().find('\0') != std::string::npos)
    return "must not hold a NUL character";
  to.*Member = values.back();
  return {};
}

template <std::string options::*Member>
std::string show_text(const options& from) {
  return option_text::quoted(from.*Member);
}

/// `Negated` for a member that says the opposite of its option.
template <bool options::*Member, bool Negated = false>
std::string set_flag(options& to, const option_values& values) {
  const auto value = option_text::parse_bool(values.back());
  if (!value)
    return "must be true or false";
  to.*Member = *value != Negated;
  return {};
}

template <bool options::*Member, bool Negated = false>
std::string show_flag(const options& from) {
  return from.*Member != Negated ? "true" : "false";
}

/// A choice that reads better as a word: `--compression off`.
template <bool options::*Member>
std::string set_switch(options& to, const option_values& values) {
  const auto value = option_text::parse_bool(values.back());
  if (!value)
    return "must be on or off";
  to.*Member = *value;
  return {};
}

template <bool options::*Member>
std::string show_switch(const options& from) {
  return option_text::quoted(from.*Member ? "on" : "off");
}

template <std::vector<std::string> options::*Member>
std::string show_list(const options& from) {
  return option_text::list_of(from.*Member);
}

// -- limits of the network edge -----------------------------------------------

using edge_time = std::chrono::milliseconds limits::edge_limits::*;
using edge_number = std::size_t limits::edge_limits::*;

/// Every time of the edge: shorter ones would refuse healthy clients, longer
/// ones are no limit.
inline constexpr std::chrono::milliseconds min_edge_time{100};
inline constexpr std::chrono::milliseconds max_edge_time{3'600'000};

std::string set_time(std::chrono::milliseconds& to, std::string_view text);
std::string set_size(std::size_t& to, std::string_view text, std::size_t min,
                     std::size_t max);
std::string set_count(std::size_t& to, std::string_view text, std::size_t min,
                      std::size_t max);

template <edge_time Member>
std::string set_edge_time(options& to, const option_values& values) {
  return set_time(to.edge.*Member, values.back());
}

template <edge_time Member>
std::string show_edge_time(const options& from) {
  return option_text::quoted(option_text::written(from.edge.*Member));
}

template <edge_number Member, std::size_t Min, std::size_t Max>
std::string set_edge_size(options& to, const option_values& values) {
  return set_size(to.edge.*Member, values.back(), Min, Max);
}

template <edge_number Member>
std::string show_edge_size(const options& from) {
  return option_text::quoted(option_text::written_size(from.edge.*Member));
}

template <edge_number Member, std::size_t Min, std::size_t Max>
std::string set_edge_count(options& to, const option_values& values) {
  return set_count(to.edge.*Member, values.back(), Min, Max);
}

template <edge_number Member>
std::string show_edge_count(const options& from) {
  return std::to_string(from.edge.*Member);
}

// -- options with rules of their own ------------------------------------------

std::string set_listen(options& to, const option_values& values);
std::string show_listen(const options& from);
std::string set_roots(options& to, const option_values& values);
std::string show_roots(const options& from);
std::string set_workspace_id(options& to, const option_values& values);
std::string set_terminal_limit(options& to, const option_values& values);
std::string show_terminal_limit(const options& from);
std::string set_memory_budget(options& to, const option_values& values);
std::string show_memory_budget(const options& from);
std::string set_allow_host(options& to, const option_values& values);
std::string set_allow_origin(options& to, const option_values& values);
std::string set_jwt_keys(options& to, const option_values& values);
std::string show_jwt_keys(const options& from);
std::string set_log_level(options& to, const option_values& values);
std::string set_log_format(options& to, const option_values& values);
std::string show_log_format(const options& from);

} // namespace outrigger
