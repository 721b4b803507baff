// A file descriptor with one owner. Used by everything that holds a kernel
// object; closed when its owner goes away.
#pragma once

#include <unistd.h>

#include <utility>

namespace outrigger::os {

/// Move-only owner of a file descriptor; -1 means none.
class unique_fd {
public:
  unique_fd() noexcept = default;
  explicit unique_fd(int fd) noexcept : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {}
  unique_fd(const unique_fd&) = delete;
  ~unique_fd() { reset(); }

  unique_fd& operator=(unique_fd&& other) noexcept {
    if (this != &other)
      reset(other.release());
    return *this;
  }
  unique_fd& operator=(const unique_fd&) = delete;

  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  /// Gives the descriptor away without closing it.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  /// Closes what is held, then holds `fd`. Keeps errno.
  void reset(int fd = -1) noexcept;

private:
  int fd_ = -1;
};

} // namespace outrigger::os
