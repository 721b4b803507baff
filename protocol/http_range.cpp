#include "protocol/http_range.hpp"

#include <algorithm>
#include <limits>

#include "protocol/ascii.hpp"
#include "protocol/files/file_fault.hpp"

namespace outrigger {

namespace {

using number = std::optional<std::uint64_t>;

/// A number too big for the type is bigger than any file: the type's biggest.
number parse_position(std::string_view digits) {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(),
                                     [](char c) { return ascii::is_digit(c); }))
    return std::nullopt;
  return ascii::parse_decimal<std::uint64_t>(digits).value_or(
      std::numeric_limits<std::uint64_t>::max());
}

/// The one element of a list; null when there are more, or none.
std::optional<std::string_view> only_element(std::string_view list) {
  std::optional<std::string_view> found;
  for (auto element : ascii::split(list, ',')) {
    element = ascii::trim(element);
    if (element.empty())
      continue;
    if (found)
      return std::nullopt;
    found = element;
  }
  return found;
}

error unsatisfiable(std::uint64_t size) {
  error out{errc::range, "the range is not within the file's " +
                             std::to_string(size) + " bytes"};
  out.fault = file_fault::range;
  return out;
}

} // namespace

result<std::optional<byte_range>> choose_range(std::string_view field,
                                               std::uint64_t size) {
  constexpr std::optional<byte_range> whole;
  const auto equals = field.find('=');
  if (equals == std::string_view::npos ||
      !ascii::equal_ignoring_case(field.substr(0, equals), "bytes"))
    return whole;
  const auto spec = only_element(field.substr(equals + 1));
  const auto dash = spec ? spec->find('-') : std::string_view::npos;
  if (dash == std::string_view::npos)
    return whole;
  const auto first = parse_position(spec->substr(0, dash));
  const auto last = parse_position(spec->substr(dash + 1));
  const bool open = dash + 1 == spec->size();

  if (dash == 0) { // the last bytes
    if (!last)
      return whole;
    if (*last == 0)
      return unsatisfiable(size);
    if (size == 0)
      return whole; // it has them all, but no position to name them by
    const auto wanted = std::min(*last, size);
    return std::optional{byte_range{size - wanted, wanted}};
  }
  if (!first || (!open && (!last || *last < *first)))
    return whole;
  if (*first >= size)
    return unsatisfiable(size);
  const auto end = open ? size - 1 : std::min(*last, size - 1);
  return std::optional{byte_range{*first, end - *first + 1}};
}

std::string content_range(byte_range range, std::uint64_t size) {
  return "bytes " + std::to_string(range.offset) + "-" +
         std::to_string(range.offset + range.size - 1) + "/" +
         std::to_string(size);
}

std::string unsatisfied_range(std::uint64_t size) {
  return "bytes */" + std::to_string(size);
}

} // namespace outrigger
