#pragma once
#include "protocol/result.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
namespace outrigger {
struct byte_range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};
[[nodiscard]] result<std::optional<byte_range>>
choose_range(std::string_view field, std::uint64_t size);
[[nodiscard]] std::string content_range(byte_range range, std::uint64_t size);
[[nodiscard]] std::string unsatisfied_range(std::uint64_t size);
} // namespace outrigger
