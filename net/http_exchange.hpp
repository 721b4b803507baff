// HTTP EXCHANGE: one request of a connection and what has become known about it
// by the time it is answered; what it leaves in the meters and the access log.
// A value, replaced by the next request's.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/gate.hpp"
#include "net/http_answer.hpp"
#include "net/request_reader.hpp"
#include "net/server_context.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

struct http_exchange {
  std::string id; // X-Request-Id
  std::chrono::steady_clock::time_point began;
  std::string cors_origin = {};           // may read the answer
  std::optional<admission> admitted = {}; // once the gate has let it in
  http_request request = {};              // once it is to be answered

  /// Its row of the table; null: none, or not let in.
  [[nodiscard]] const route* row() const;

  /// Whether its body may be of any size.
  [[nodiscard]] bool streams() const { return row() && row()->streams; }

  /// Whether it changes nothing.
  [[nodiscard]] bool only_looks() const;

  /// Where it leads, without prefixes and query; as it was sent when that is
  /// not known.
  [[nodiscard]] std::string_view path() const;

  /// Whether it brings what its route can read: JSON, if anything. For routes
  /// whose body is kept in memory.
  [[nodiscard]] result<void> check_type() const;

  /// The page's file that it asks for.
  [[nodiscard]] http_answer to_asset() const;

  /// What the endpoint is called with; takes the body along.
  [[nodiscard]] rest_call
  to_rest_call(std::optional<std::uint64_t> content_length);
  [[nodiscard]] socket_call to_socket_call(credential_check check) const;

  /// Counts it as answered.
  void count(edge_meters& counted, unsigned status) const;

  /// Logs it where requests are logged: without its query, and whatever it
  /// carried. `size` is what was sent of the answer's body.
  void log(const server_context& context, const peer& from, unsigned status,
           std::uint64_t size) const;
};

} // namespace outrigger
