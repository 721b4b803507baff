// RING: the output of one session, shared by the holder and the daemon.
//
//   pty/pipe --read(2)--> ring_writer (holder) == memfd == ring (daemon)
//
// A memfd: one header page, then the data area, which is mapped twice back to
// back so that every slice is contiguous. Offsets are absolute (bytes since
// the session began) and never wrap. One process writes, any number read. The
// memory outlives either process; a reader that crashed is simply replaced.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace outrigger::os {

struct ring_header; // the shared page; ring.cpp

inline constexpr std::size_t min_ring_capacity = std::size_t{4} << 10;
inline constexpr std::size_t max_ring_capacity = std::size_t{64} << 20;

/// Credit of a ring whose writer never waits for a reader.
inline constexpr std::uint64_t free_running = UINT64_MAX;

/// How a session's leading process ended. Never changes once published.
struct exit_status {
  bool signaled = false;        // ended by a signal
  int value = 0;                // exit code, or the signal's number
  std::uint64_t end_offset = 0; // the ring's last byte is before this
  std::int64_t unix_ms = 0;     // when it ended
  bool operator==(const exit_status&) const = default;
};

/// What a read got: `size` bytes that begin at the absolute `offset`.
struct ring_slice {
  std::uint64_t offset = 0;
  std::size_t size = 0;
  bool operator==(const ring_slice&) const = default;
};

/// The mapping both sides share; movable, unmapped by its destructor.
class ring_memory {
public:
  ring_memory() noexcept = default;
  ring_memory(ring_memory&& other) noexcept;
  ring_memory& operator=(ring_memory&& other) noexcept;
  ~ring_memory();

  /// Maps `memfd`, whose data area has `capacity` bytes.
  static result<ring_memory> map(int memfd, std::size_t capacity);

  [[nodiscard]] ring_header& header() const noexcept { return *header_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Address of an absolute offset; valid for up to capacity() bytes.
  [[nodiscard]] char* at(std::uint64_t offset) const noexcept {
    return data_ + offset % capacity_;
  }

private:
  void unmap() noexcept;

  ring_header* header_ = nullptr;
  char* data_ = nullptr;
  std::size_t capacity_ = 0;
};

/// The reading end, in the daemon. Every member may be called from one thread
/// at a time; the writer is another process.
class ring {
public:
  /// Maps a ring received from the holder. `credit_event` is the eventfd that
  /// wakes a writer which ran out of credit (borrowed, may be -1). Fails with
  /// errc::bad_ring when the header or the file's size is not ours.
  static result<ring> attach(int memfd, int credit_event);

  [[nodiscard]] std::size_t capacity() const noexcept;
  /// Offset after the last byte that may be read.
  [[nodiscard]] std::uint64_t head() const noexcept;
  /// Offset of the oldest byte that may be read; at most head().
  [[nodiscard]] std::uint64_t tail() const noexcept;

  /// Copies what is readable at `from`, at most out.size() bytes. The slice
  /// begins after `from` when older bytes were overwritten, and is empty at
  /// the head. Bytes overwritten during the copy are never returned.
  ring_slice read(std::uint64_t from, std::span<char> out) const noexcept;

  /// Lets the writer go on up to the absolute offset `credit`, and wakes it
  /// if it waited: true then. After set_credit(cursor + capacity()) nothing
  /// at or after max(cursor, tail()) is overwritten until credit moves, or the
  /// writer stops heeding credit because its session is to end.
  bool set_credit(std::uint64_t credit) const noexcept;
  [[nodiscard]] std::uint64_t credit() const noexcept;

  /// Asks for a wake-up at the next change. True if there already is one
  /// against what the caller has seen, so that it need not wait.
  bool arm(std::uint64_t seen_head, bool seen_exit = false) const noexcept;

  [[nodiscard]] std::optional<exit_status> exited() const noexcept;

private:
  explicit ring(ring_memory memory, int credit_event) noexcept
      : memory_(std::move(memory)), credit_event_(credit_event) {}

  ring_memory memory_;
  int credit_event_ = -1;
};

/// The writing end, in the holder. It keeps its own positions: nothing a
/// reader may scribble over is trusted for an address.
class ring_writer {
public:
  /// Makes the memfd. The capacity is rounded up to whole pages and must be
  /// within the limits above. `ready_event` is the reader's eventfd (borrowed).
  static result<ring_writer> create(std::size_t capacity, int ready_event);

  [[nodiscard]] int memfd() const noexcept { return memfd_.get(); }
  [[nodiscard]] std::size_t capacity() const noexcept;
  [[nodiscard]] std::uint64_t head() const noexcept { return head_; }

  /// Room for at most `max` bytes after the head, to read(2) into. Empty when
  /// the credit is used up: the reader will then write the credit eventfd.
  [[nodiscard]] std::span<char> reserve(std::size_t max) noexcept;
  /// Ends a reservation: its first `size` bytes become readable, the rest is
  /// given back, the reader is woken if it asked. Zero publishes nothing.
  void publish(std::size_t size) noexcept;

  /// Begins with credit for what fits, until the reader gives more: nothing is
  /// overwritten before it came. For the time before anything is written.
  void pace() noexcept;

  /// Forgets the reader's credit, for when there is no reader any more.
  void run_free() noexcept;
  /// Runs free for good, whatever credit a reader gives after this.
  void ignore_credit() noexcept { ignore_credit_ = true; }

  /// Publishes the exit record, once; end_offset becomes the head.
  void set_exited(exit_status status) noexcept;
  [[nodiscard]] bool exited() const noexcept;

private:
  ring_writer(unique_fd memfd, ring_memory memory, int ready_event) noexcept
      : memfd_(std::move(memfd)), memory_(std::move(memory)),
        ready_event_(ready_event) {}
  [[nodiscard]] std::uint64_t credit() const noexcept;
  void wake_reader() const noexcept;

  unique_fd memfd_;
  ring_memory memory_;
  int ready_event_ = -1;
  std::uint64_t head_ = 0;
  bool ignore_credit_ = false;
};

} // namespace outrigger::os
