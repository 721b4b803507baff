// A client with a thread and a blocking socket of its own, for bodies that are
// larger than what a test may hold in memory.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace outrigger {

class bulk_peer {
public:
  /// Runs `script` on a thread. With `tls` it shakes hands first, and trusts
  /// anybody.
  bulk_peer(std::uint16_t port, bool tls,
            std::function<void(bulk_peer&)> script);
  ~bulk_peer();
  bulk_peer(const bulk_peer&) = delete;
  bulk_peer& operator=(const bulk_peer&) = delete;

  /// Whether the script has ended.
  [[nodiscard]] bool done() const { return done_; }

  // -- for the script ---------------------------------------------------------

  /// False when the server has closed.
  bool send(std::string_view bytes);
  /// So much of the pattern.
  bool send_pattern(std::uint64_t size);
  /// The same in chunks of odd sizes, and the end of them.
  bool send_chunks(std::uint64_t size);
  /// The next answer's head, without its last line; empty: closed.
  std::string read_head();
  /// Reads so many bytes of a body and forgets them; how many there were.
  std::uint64_t skip(std::uint64_t size);
  /// The same of the pattern from `offset` on; how many were right.
  std::uint64_t check_pattern(std::uint64_t offset, std::uint64_t size);

private:
  struct tls_session;

  /// At most `size`, more than none; empty: closed.
  std::string_view read(std::uint64_t size);

  int fd_ = -1;
  std::unique_ptr<tls_session> tls_;
  std::string in_ = std::string(256 * 1024, '\0');
  std::string ahead_; // read behind a head
  std::atomic<bool> done_{false};
  std::thread thread_;
};

} // namespace outrigger
