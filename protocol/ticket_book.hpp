// TICKET BOOK: credentials for one use, so that no URL needs a token.
//
//   POST /ticket {"path":"/ws"} ─► issue ─► ?ticket=… ─► redeem, once
//
// One per daemon, in memory only, used on the loop. Bounded: when full, the
// oldest ticket is void.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/credentials.hpp"

namespace outrigger {

/// What every ticket begins with.
inline constexpr std::string_view ticket_prefix = "tkt_";

/// A ticket made of these random bytes, in characters that a query takes as
/// they are.
[[nodiscard]] std::string ticket_text(std::string_view random);

class ticket_book {
public:
  using clock = std::chrono::steady_clock;

  /// Tickets that may be outstanding.
  static constexpr std::size_t capacity = 1024;

  /// Records a ticket: `text` comes from a random source and is not kept, only
  /// its SHA-256. It is good once, for `path`, until `until`.
  void issue(std::string_view text, std::string path, principal who,
             clock::time_point until);

  /// Takes the ticket out; who it was issued to, when path and time are right.
  [[nodiscard]] std::optional<principal>
  redeem(std::string_view text, std::string_view path, clock::time_point now);

  [[nodiscard]] std::size_t size() const { return tickets_.size(); }

private:
  struct ticket {
    std::string path;
    principal who;
    clock::time_point until;
    std::uint64_t number = 0; // order of issue
  };
  std::map<sha256_digest, ticket> tickets_;
  std::uint64_t last_number_ = 0;
};

/// The body of POST /ticket: `path` (required; one the daemon serves, without
/// a query) and optionally `scope` to narrow what the ticket allows.
struct ticket_request {
  std::string path;
  std::optional<scope_set> scopes;
};
[[nodiscard]] result<ticket_request> parse_ticket_request(std::string_view);

/// `{"success":true,"ticket","path","expires_in":30}`.
[[nodiscard]] std::string ticket_to_json(std::string_view ticket,
                                         std::string_view path);

} // namespace outrigger
