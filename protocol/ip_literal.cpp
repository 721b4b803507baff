#include "protocol/ip_literal.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0,    0,
                                                     0, 0, 0, 0, 0xFF, 0xFF};

/// The 16-bit groups of "a:b:c", the last of which may be dotted decimal.
/// An empty text has no groups.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text,
                                                       bool may_be_dotted) {
  std::vector<std::uint16_t> out;
  if (text.empty())
    return out;
  const auto pieces = ascii::split(text, ':');
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto piece = pieces[i];
    if (may_be_dotted && i + 1 == pieces.size()) {
      if (const auto v4 = parse_ipv4(piece)) {
        for (std::size_t at : {12u, 14u})
          out.push_back(static_cast<std::uint16_t>(v4->bytes[at] << 8 |
                                                   v4->bytes[at + 1]));
        break;
      }
    }
    std::uint16_t group = 0;
    const char* end = piece.data() + piece.size();
    const auto [stop, failure] = std::from_chars(piece.data(), end, group, 16);
    if (piece.empty() || piece.size() > 4 || failure != std::errc{} ||
        stop != end)
      return std::nullopt;
    out.push_back(group);
  }
  return out;
}

} // namespace

bool ip_literal::is_loopback() const {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin()))
    return bytes[12] == 127;
  return bytes.back() == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1,
                     [](std::uint8_t byte) { return byte == 0; });
}

std::optional<ip_literal> parse_ipv4(std::string_view text) {
  if (text.size() > 15)
    return std::nullopt;
  const auto pieces = ascii::split(text, '.');
  if (pieces.size() != 4)
    return std::nullopt;
  ip_literal out;
  auto* to =
      std::copy(mapped_prefix.begin(), mapped_prefix.end(), out.bytes.begin());
  for (const auto piece : pieces) {
    const auto number = ascii::parse_decimal<std::uint8_t>(piece);
    if (!number || (piece.size() > 1 && piece.front() == '0'))
      return std::nullopt;
    *to++ = *number;
  }
  return out;
}

std::optional<ip_literal> parse_ipv6(std::string_view text) {
  // The longest form: eight groups, the last two dotted.
  if (text.size() > 45)
    return std::nullopt;
  const auto gap = text.find("::");
  const bool whole = gap == std::string_view::npos;
  const auto left = parse_groups(text.substr(0, gap), whole);
  const auto right = parse_groups(whole ? "" : text.substr(gap + 2), true);
  if (!left || !right)
    return std::nullopt;
  const auto given = left->size() + right->size();
  if (whole ? given != 8 : given > 7)
    return std::nullopt;

  ip_literal out;
  const auto put = [&out](std::size_t group, std::uint16_t value) {
    out.bytes[2 * group] = static_cast<std::uint8_t>(value >> 8);
    out.bytes[2 * group + 1] = static_cast<std::uint8_t>(value & 0xFF);
  };
  for (std::size_t i = 0; i < left->size(); ++i)
    put(i, (*left)[i]);
  for (std::size_t i = 0; i < right->size(); ++i)
    put(8 - right->size() + i, (*right)[i]);
  return out;
}

} // namespace outrigger
