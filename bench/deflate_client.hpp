// DEFLATE CLIENT: a WebSocket client that may offer permessage-deflate, as
// browsers do. Blocking; Beast's own, so that it inflates what Beast deflates
// at a like speed.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace outrigger::bench {

class deflate_client {
public:
  /// Connects and upgrades. `target` is the path with its query.
  deflate_client(std::uint16_t port, const std::string& target, bool offers);
  deflate_client(deflate_client&&) noexcept;
  ~deflate_client();

  /// Whether the daemon took the offer.
  [[nodiscard]] bool compressed() const;

  /// Types into terminal `id`, as one binary message.
  void type(std::uint8_t id, std::string_view keys);

  /// Waits for the next message; its output if it is of terminal `id`, else
  /// nothing. Valid until the next call.
  std::string_view read(std::uint8_t id);

  /// Reads until so many bytes of output of terminal `id` have come.
  void read_bytes(std::uint8_t id, std::uint64_t count);

  /// Bytes that have come over the wire.
  [[nodiscard]] std::uint64_t wire_bytes() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace outrigger::bench
