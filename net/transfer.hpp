// TRANSFER: one answer on its way whose body is sent while it is read or made.
//
//   answer_sender ─► file_sender    sendfile(2), for files on plain sockets
//                └─► piece_sender   from a body_source: everything else
//
// Lives as long as something is under way, which keeps it.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "net/server_context.hpp"
#include "net/stream.hpp"
#include "net/transfer_pace.hpp"

namespace outrigger {

/// What became of it, and how many bytes of the body the kernel took. Called
/// once, on the loop.
using sent_function = std::function<void(error_code, std::uint64_t)>;

/// What every transfer works with. The references are parts of what `owner`
/// keeps alive.
struct transfer_setup {
  stream& to;
  server_context& context;
  transfer_clock& clock; // told of our turns and the peer's
  std::string head;      // to be sent first
  std::string request_id;
  std::shared_ptr<void> owner;
  sent_function done;
};

class transfer : public std::enable_shared_from_this<transfer> {
public:
  explicit transfer(transfer_setup setup) : setup_{std::move(setup)} {}
  virtual ~transfer() = default;

  virtual void start() = 0;

  /// The connection has been closed: tells so, and forgets what was to be
  /// sent.
  void abandon() { finish(asio::error::operation_aborted); }

protected:
  template <class Derived>
  std::shared_ptr<Derived> shared() {
    return std::static_pointer_cast<Derived>(shared_from_this());
  }

  [[nodiscard]] bool is_over() const { return !setup_.done; }

  /// Nothing happens any more after the first time.
  void finish(error_code ec) {
    if (is_over())
      return;
    const auto done = std::exchange(setup_.done, nullptr);
    setup_.clock.stop();
    forget();
    done(ec, sent_);
  }

  transfer_setup setup_;
  std::uint64_t sent_ = 0; // of the body

private:
  virtual void forget() = 0;
};

} // namespace outrigger
