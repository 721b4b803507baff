// What starting a program takes, whoever starts it.
#pragma once

#include <spawn.h>

#include <string>
#include <vector>

namespace outrigger::os {

/// exec wants arrays of pointers, null behind the last. The strings stay where
/// they are and must outlive the list.
std::vector<char*> exec_pointers(std::vector<std::string>& strings);

/// posix_spawn attributes of a child that begins with the default action of
/// every signal, and none blocked.
class spawn_attributes {
public:
  /// `flags`: POSIX_SPAWN_… besides those for the signals.
  explicit spawn_attributes(int flags = 0) noexcept;
  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;
  ~spawn_attributes();
  [[nodiscard]] const posix_spawnattr_t* get() const noexcept {
    return &attributes_;
  }

private:
  posix_spawnattr_t attributes_{};
};

} // namespace outrigger::os
