// A place in an open file, from which its bytes are looked at and taken, one
// piece after another. Read by pread(2): the file's own position is neither
// asked nor changed.
#pragma once

#include "actors/os/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace outrigger::os {

class file_cursor {
public:
  /// The most that can be looked at.
  static constexpr std::size_t max_ahead = 64 * 1024;

  /// Ends at `limit`, or with the file. `fd` outlives this.
  explicit file_cursor(int fd, std::uint64_t offset = 0,
                       std::uint64_t limit = UINT64_MAX);

  /// What lies ahead, as far as it has been read: at least `wanted` bytes,
  /// fewer only at the end. Valid until the next call.
  [[nodiscard]] result<std::string_view> peek(std::size_t wanted = 1);

  /// Goes on by at most what peek() returned.
  void take(std::size_t size) noexcept { offset_ += size; }

  /// Goes elsewhere; what is in the buffer is not read again.
  void move(std::uint64_t offset, std::uint64_t limit) noexcept;

  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

private:
  [[nodiscard]] std::size_t ahead() const noexcept; // in the buffer

  int fd_;
  std::uint64_t offset_;
  std::uint64_t limit_;
  std::uint64_t begin_; // in the file: of what is in the buffer
  std::size_t size_ = 0;
  std::vector<char> buffer_;
};

} // namespace outrigger::os
