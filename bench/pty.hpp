// PTY: a program on a pseudo terminal of our own, and the raw relay of one to
// a loopback TCP connection: the references everything is compared with.
//
//   bare_pty     program ──pty──► us
//   pty_relay    program ──pty──► relay thread ──TCP──► us   ("1.0")
//
// The relay does the least a server can do: read what is readable up to 32 K,
// write it; read keys, write them. Both end their program when destroyed.

#pragma once

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "bench/socket.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {

/// The id of the only terminal of a reference.
inline constexpr std::uint8_t only_terminal = 1;

class bare_pty final : public source {
public:
  explicit bare_pty(const std::vector<std::string>& command);
  ~bare_pty() override;

  [[nodiscard]] int fd() const override { return master_.get(); }
  bool receive(const output_sink& sink, std::size_t max) override;
  void type(std::uint8_t id, std::string_view keys) override;

private:
  owned_fd master_;
  pid_t child_ = -1;
  std::vector<char> buffer_;
};

class pty_relay final : public source {
public:
  explicit pty_relay(const std::vector<std::string>& command);
  ~pty_relay() override;

  [[nodiscard]] int fd() const override { return client_.get(); }
  bool receive(const output_sink& sink, std::size_t max) override;
  void type(std::uint8_t id, std::string_view keys) override;

  /// CPU time the relay has used so far, in seconds.
  [[nodiscard]] double cpu() const { return used_; }

private:
  void run();
  bool forward_output();

  bare_pty pty_;
  owned_fd server_;
  owned_fd client_;
  std::array<char, 32 * 1024> batch_{};
  std::vector<char> buffer_;
  std::atomic<bool> stopped_{false};
  std::atomic<double> used_{0}; // CPU seconds, after each turn
  std::thread thread_;
};

} // namespace outrigger::bench
