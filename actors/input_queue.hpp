// INPUT QUEUE: what one client has typed into one terminal and the terminal
// has not taken yet. Part of a connection's state.
//
//   client's frames ── push ──► queue ── next: a chunk at a time ──► terminal
//
// Holds as much as the connection's socket lets in, see limits::read_window.

#pragma once

#include <cstddef>
#include <deque>
#include <string>

namespace outrigger {

class input_queue {
public:
  /// Adds the input of a frame of `frame_size` bytes. True when no chunk is
  /// under way: next() is to be called.
  [[nodiscard]] bool push(std::string bytes, std::size_t frame_size);

  [[nodiscard]] bool empty() const { return waiting_.empty(); }

  /// The next chunk, at most limits::input_chunk. Not to be called before the
  /// one before was taken, nor when empty.
  [[nodiscard]] std::string next();

  /// The chunk under way, of `bytes`, was taken. Returns the size of the frames
  /// that are done with it.
  [[nodiscard]] std::size_t taken(std::size_t bytes);

  /// Drops everything. Returns the size of the frames.
  std::size_t clear();

  /// What was not handed out yet.
  [[nodiscard]] std::string rest() const;

private:
  struct part {
    std::string bytes; // moved out when all of it is under way
    std::size_t frame_size = 0;
  };
  std::deque<part> waiting_; // a chunk of front() is under way
  std::size_t done_ = 0;     // bytes of front() that were taken
};

} // namespace outrigger
