// OPERATIONS: extractions that go on after their call was answered, by id.
// Used by the pool's threads that run them and by those that ask how far they
// are, hence the lock, which nobody holds while working.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "protocol/files/runtime_answers.hpp"

namespace outrigger {

class operations {
public:
  /// Finished ones are kept until there are so many, the oldest go first.
  static constexpr std::size_t max_kept = 100;
  /// Unfinished ones at a time.
  static constexpr std::size_t max_running = 8;

  /// A new one, pending. Null when too many run.
  [[nodiscard]] std::optional<operation_report> begin(std::string message,
                                                      std::int64_t now_ns);
  /// What is known of it from now on; its id says which.
  void update(const operation_report& report);
  [[nodiscard]] std::optional<operation_report> find(const std::string& id);

private:
  std::mutex lock_;
  std::map<std::string, operation_report> all_;
};

} // namespace outrigger
