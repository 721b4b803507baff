#include "protocol/deflate_offer.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

constexpr std::string_view extension = "permessage-deflate";

/// A window's size in bits, quoted or not; null when it is none.
std::optional<std::uint16_t> window_bits(std::string_view text,
                                         std::uint16_t least) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  const auto bits = ascii::parse_decimal<std::uint16_t>(text);
  if (!bits || text.front() == '0' || *bits < least || *bits > 15)
    return std::nullopt;
  return bits;
}

/// One parameter in plain form; null when it is not acceptable.
std::optional<std::string> plain(std::string_view name,
                                 std::optional<std::string_view> value) {
  std::string out{name};
  if (name == "server_no_context_takeover" ||
      name == "client_no_context_takeover")
    return value ? std::nullopt : std::optional{out};
  const bool client = name == "client_max_window_bits";
  if (!client && name != "server_max_window_bits")
    return std::nullopt;
  if (!value)
    return client ? std::optional{out} : std::nullopt;
  const auto bits = window_bits(*value, client ? 8 : 9);
  if (!bits)
    return std::nullopt;
  return out + "=" + std::to_string(*bits);
}

/// The whole offer in plain form; null when it is not acceptable.
std::optional<std::string> plain(std::string_view offer) {
  const auto parts = ascii::split(offer, ';');
  if (ascii::trim(parts.front()) != extension)
    return std::nullopt;
  std::string out{extension};
  std::vector<std::string_view> seen;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    const auto name = ascii::trim(parts[i].substr(0, equals));
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos)
      value = ascii::trim(parts[i].substr(equals + 1));
    const auto parameter = plain(name, value);
    if (!parameter || std::find(seen.begin(), seen.end(), name) != seen.end())
      return std::nullopt;
    seen.push_back(name);
    out += "; " + *parameter;
  }
  return out;
}

} // namespace

std::string choose_deflate_offer(std::span<const std::string_view> fields) {
  for (const auto field : fields)
    // No value of ours holds a comma, so that quotes need no care here: what
    // a cut leaves behind is no acceptable offer.
    for (const auto offer : ascii::split(field, ','))
      if (auto chosen = plain(offer))
        return std::move(*chosen);
  return {};
}

} // namespace outrigger
