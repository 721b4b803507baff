#include "protocol/files/body_reader.hpp"

#include <utility>

namespace outrigger {

result<body_reader> body_reader::parse(std::string_view body,
                                       std::string_view what,
                                       std::size_t max_size) {
  auto parsed = json::parse_object(body, what, max_size);
  if (!parsed)
    return parsed.error();
  return body_reader{std::move(*parsed), what};
}

std::string body_reader::text(std::string_view name) {
  return optional_text(name).value_or("");
}

std::optional<std::string> body_reader::optional_text(std::string_view name) {
  auto found = fields().text(name);
  if (!found)
    return keep(found.error()), std::nullopt;
  return std::move(*found);
}

std::string body_reader::required(std::string_view name) {
  auto found = text(name);
  if (found.empty())
    fail(name, "is missing");
  return found;
}

bool body_reader::flag(std::string_view name) {
  const auto found = fields().boolean(name);
  if (!found)
    return keep(found.error()), false;
  return found->value_or(false);
}

std::vector<std::string> body_reader::texts(std::string_view name) {
  auto found = fields().texts(name);
  if (!found)
    return keep(found.error()), std::vector<std::string>{};
  return std::move(*found).value_or(std::vector<std::string>{});
}

const json::value* body_reader::find(std::string_view name) const {
  return fields().find(name);
}

void body_reader::fail(std::string_view name, std::string_view why) {
  keep(fields().bad(name, why));
}

void body_reader::keep(error err) {
  if (!failure_)
    failure_ = std::move(err);
}

} // namespace outrigger
