// The query of a call as typed parameters, with errors that name them. For
// protocol/*.cpp.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/http_target.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// Collects the first error; what could not be read has its default then.
class query_reader {
public:
  /// `what` begins every error and must outlive this, as must `target`.
  query_reader(const http_target& target, std::string_view what)
      : target_{target}, what_{what} {}

  [[nodiscard]] std::string text(std::string_view name,
                                 std::string_view otherwise = {});
  /// Is an error when it is missing or empty.
  [[nodiscard]] std::string required(std::string_view name);
  /// true, 1, yes, on, false, 0, no, off, or nothing behind the name: true.
  [[nodiscard]] bool flag(std::string_view name, bool otherwise);
  [[nodiscard]] std::optional<std::uint64_t>
  number(std::string_view name, std::uint64_t min, std::uint64_t max);
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t min,
                                     std::uint64_t max,
                                     std::uint64_t otherwise);
  /// Between commas, without blanks around them; empty ones are left out.
  [[nodiscard]] std::vector<std::string> list(std::string_view name);

  void fail(std::string_view name, std::string_view why);
  [[nodiscard]] const std::optional<error>& failure() const { return failure_; }

private:
  const http_target& target_;
  std::string_view what_;
  std::optional<error> failure_;
};

} // namespace outrigger
