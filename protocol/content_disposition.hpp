#pragma once
#include <string>
#include <string_view>
namespace outrigger {
enum class disposition { in_line, attachment };
[[nodiscard]] inline std::string content_disposition(disposition how,
                                                     std::string_view) {
  return how == disposition::in_line ? "inline" : "attachment";
}
} // namespace outrigger
