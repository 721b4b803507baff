// FAKE SESSION: a session of the holder without a holder and without a
// process. The ring and the descriptors are real; the test plays the program
// and the holder at their other ends.
//
//   test ── print, exit ──► ring_writer == memfd == os::session ──► terminal
//   test ◄── typed ── pipe of 4 KiB ◄── os::session ◄── terminal

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "actors/os/ring.hpp"
#include "actors/os/session.hpp"
#include "actors/os/unique_fd.hpp"

namespace outrigger {

/// What is at the other end of the session's input.
enum class fake_input {
  pipe,   // takes pipe_size bytes, then blocks until typed() reads them
  pty,    // a real one, which has a window size
  broken, // every write fails
};

struct fake_session_options {
  std::uint64_t key = 1;
  std::size_t capacity = 256 * 1024;
  std::string tag = {};
  bool ending = false;
  std::uint16_t cols = 80;
  std::uint16_t rows = 24;
  std::int64_t created_unix_ms = 1'700'000'000'000;
  fake_input input = fake_input::pipe;
  bool paced = false; // begins without free-running output
  bool pipes = false; // has a ring of errors as well
};

class fake_session {
public:
  static constexpr std::size_t pipe_size = 4096;

  explicit fake_session(boost::asio::io_context& loop,
                        fake_session_options options = {});

  [[nodiscard]] const std::shared_ptr<os::session>& get() const {
    return session_;
  }
  [[nodiscard]] std::uint64_t key() const { return session_->info().key; }

  /// The program writes `bytes`. Returns how many it got rid of before it
  /// was stopped for lack of credit.
  std::size_t print(std::string_view bytes);

  /// The program writes `count` bytes of no importance, and nobody keeps
  /// them: for a history too long to be written in a test.
  std::uint64_t print_quickly(std::uint64_t count);

  /// The same on stderr, which nobody paces; for `pipes` only.
  void complain(std::string_view bytes);

  /// Bytes printed so far.
  [[nodiscard]] std::uint64_t head() const { return ring_.head(); }
  [[nodiscard]] std::size_t capacity() const { return ring_.capacity(); }

  /// Up to where the program may print.
  [[nodiscard]] std::uint64_t credit() const {
    return session_->output().credit();
  }

  /// Whether a program that was stopped has been woken since the last call.
  bool woken();

  void exit(int code, std::chrono::milliseconds ago = {});
  void die(int signal);

  /// What the program reads: everything typed since the last call.
  std::string typed();

  /// Columns and rows the pty has; for fake_input::pty only.
  [[nodiscard]] std::pair<int, int> window() const;

private:
  os::unique_fd ready_event_;
  os::unique_fd credit_event_;
  os::ring_writer ring_;
  std::optional<os::ring_writer> errors_;
  os::unique_fd program_; // reads what is typed; the pty itself for a pty
  std::shared_ptr<os::session> session_;
};

/// `size` bytes of lines, each with its number, so that a byte out of place
/// shows.
std::string numbered_lines(std::size_t size);

} // namespace outrigger
