// CHILD PROCESS: a part of a benchmark that must not share the process of what
// measures: a reference server, a crowd of clients with descriptors of its
// own. Ended by pid with its owner, and by the kernel should the benchmark die.

#pragma once

#include <functional>
#include <new>
#include <string>

#include <sys/mman.h>
#include <sys/types.h>

#include "bench/source.hpp"

namespace outrigger::bench {

class child_process {
public:
  /// Forks; the child does `work` and ends. Call it before any thread exists.
  explicit child_process(const std::function<void()>& work);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool alive();

private:
  pid_t pid_ = -1;
};

/// Runs a shell command to its end, reading what it prints. In seconds.
[[nodiscard]] double time_command(const std::string& command);

/// A value seen by this process and by the children it forks afterwards. What
/// both touch must be atomic.
template <class T>
class shared_value {
public:
  shared_value() {
    void* at = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
      throw failure{"no memory to share"};
    value_ = new (at) T{};
  }
  shared_value(const shared_value&) = delete;
  shared_value& operator=(const shared_value&) = delete;
  ~shared_value() { ::munmap(value_, sizeof(T)); }

  T& operator*() const { return *value_; }
  T* operator->() const { return value_; }

private:
  T* value_;
};

} // namespace outrigger::bench
