#pragma once
#include "protocol/endpoint.hpp"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
namespace outrigger {
struct entity_tags {
  bool any = false;
  std::vector<std::string> strong;
};
[[nodiscard]] result<entity_tags> parse_entity_tags(std::string_view field);
enum class read_verdict { proceed, not_modified, failed };
[[nodiscard]] read_verdict judge_read(const request_fields& fields,
                                      std::string_view tag,
                                      std::int64_t modified);
[[nodiscard]] bool range_applies(std::string_view if_range,
                                 std::string_view tag, std::int64_t modified);
[[nodiscard]] std::string http_date(std::int64_t unix_seconds);
} // namespace outrigger
