#include "protocol/files/query_reader.hpp"

#include "protocol/ascii.hpp"

namespace outrigger {

void query_reader::fail(std::string_view name, std::string_view why) {
  if (failure_)
    return;
  std::string detail{what_};
  detail.append(": ").append(name).append(" ").append(why);
  failure_ = error{errc::malformed, std::move(detail)};
}

std::string query_reader::text(std::string_view name,
                               std::string_view otherwise) {
  const auto* found = target_.find(name);
  return found ? *found : std::string{otherwise};
}

std::string query_reader::required(std::string_view name) {
  auto found = text(name);
  if (found.empty())
    fail(name, "is missing");
  return found;
}

bool query_reader::flag(std::string_view name, bool otherwise) {
  const auto* found = target_.find(name);
  if (!found)
    return otherwise;
  const auto value = ascii::lower(*found);
  for (const std::string_view yes : {"", "true", "1", "yes", "on"})
    if (value == yes)
      return true;
  for (const std::string_view no : {"false", "0", "no", "off"})
    if (value == no)
      return false;
  fail(name, "must be true or false");
  return otherwise;
}

std::optional<std::uint64_t> query_reader::number(std::string_view name,
                                                  std::uint64_t min,
                                                  std::uint64_t max) {
  const auto* found = target_.find(name);
  if (!found)
    return std::nullopt;
  const auto value = ascii::parse_decimal<std::uint64_t>(*found);
  if (value && *value >= min && *value <= max)
    return value;
  fail(name, "must be a number from " + std::to_string(min) + " to " +
                 std::to_string(max));
  return std::nullopt;
}

std::uint64_t query_reader::number(std::string_view name, std::uint64_t min,
                                   std::uint64_t max, std::uint64_t otherwise) {
  return number(name, min, max).value_or(otherwise);
}

std::vector<std::string> query_reader::list(std::string_view name) {
  std::vector<std::string> out;
  const auto whole = text(name);
  for (const auto piece : ascii::split(whole, ','))
    if (const auto item = ascii::trim(piece); !item.empty())
      out.emplace_back(item);
  return out;
}

} // namespace outrigger
