// ANSWER SENDER: sends the answers of one connection, one after another, by
// whichever way suits where their body is, and gives up on clients that do not
// take them.
//
//   http_session ─► answer_sender ─┬─ in memory ──────► head and body at once
//                                  └─ file, source ──► a transfer
//
// Part of an http_session, used on the loop only.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_answer.hpp"
#include "net/transfer.hpp"

namespace outrigger {

class answer_sender {
public:
  /// `limit` passes when the client is given up.
  answer_sender(server_context& context, deadline& limit)
      : context_{context}, limit_{limit} {}

  /// Sends `answer`, whose head is finished; with `head_only` what HEAD is
  /// answered with. `owner` keeps `to` and this object alive. One at a time.
  void send(stream& to, http_answer answer, bool head_only,
            std::string_view request_id, std::shared_ptr<void> owner,
            sent_function done);

  /// The kernel took so many bytes more.
  void grew(std::size_t bytes);

  /// The connection has been closed.
  void abandon();

private:
  void send_bytes(stream& to, http_answer answer, std::string head,
                  std::shared_ptr<void> owner, sent_function done);
  void send_streamed(transfer_setup setup, http_answer answer);

  server_context& context_;
  deadline& limit_;
  std::optional<transfer_clock> clock_; // of the present answer
  std::weak_ptr<transfer> under_way_;
};

} // namespace outrigger
