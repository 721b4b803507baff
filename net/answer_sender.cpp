#include "net/answer_sender.hpp"

#include <utility>

#include "net/file_pieces.hpp"
#include "net/file_sender.hpp"
#include "net/http_writer.hpp"
#include "net/peer_watch.hpp"
#include "net/piece_sender.hpp"

namespace outrigger {
namespace {

/// The part of an answer's time that does not depend on its length: so many
/// times what the client may pause.
constexpr int longest_whole = 10;

/// A file up to this goes out in one piece with the head.
constexpr std::uint64_t small_file = 64 * 1024;

transfer_pace::rule pace_of(const limits::edge_limits& limits) {
  return {limits.write_timeout, 1, longest_whole * limits.write_timeout,
          limits.slowest_answer};
}

} // namespace

void answer_sender::send(stream& to, http_answer answer, bool head_only,
                         std::string_view request_id,
                         std::shared_ptr<void> owner, sent_function done) {
  clock_.emplace(limit_, pace_of(context_.limits));
  auto head = to_text(answer.head);
  if (head_only)
    answer.body = std::string{};
  if (!answer.is_streamed())
    return send_bytes(to, std::move(answer), std::move(head), std::move(owner),
                      std::move(done));
  keep_unsent_large(to);
  send_streamed(
      {to, context_, *clock_, std::move(head), std::string{request_id},
       std::move(owner),
       [&to, done = std::move(done)](error_code ec, std::uint64_t sent) {
         if (!ec)
           keep_unsent_small(to);
         done(ec, sent);
       }},
      std::move(answer));
}

void answer_sender::send_bytes(stream& to, http_answer answer, std::string head,
                               std::shared_ptr<void> owner,
                               sent_function done) {
  struct kept_bytes {
    std::string head;
    http_answer answer;
  };
  auto kept = std::make_shared<const kept_bytes>(
      kept_bytes{std::move(head), std::move(answer)});
  clock_->start();
  write_all(to, {kept->head, kept->answer.bytes()},
            [this, kept, owner = std::move(owner),
             done = std::move(done)](error_code ec) {
              clock_->stop();
              done(ec, ec ? 0 : kept->answer.bytes().size());
            });
}

void answer_sender::send_streamed(transfer_setup setup, http_answer answer) {
  const bool chunked =
      answer.head.count(boost::beast::http::field::transfer_encoding) > 0;
  std::shared_ptr<transfer> started;
  if (auto* file = std::get_if<file_body>(&answer.body)) {
    if (setup.to.is_tls() || file->size <= small_file)
      started =
          send_pieces(std::move(setup), file_pieces(context_, std::move(*file)),
                      piece_framing::plain, true);
    else
      started = send_file(std::move(setup), std::move(*file));
  } else {
    auto& source = std::get<std::shared_ptr<body_source>>(answer.body);
    started = send_pieces(
        std::move(setup), std::move(source),
        chunked ? piece_framing::chunked : piece_framing::plain, false);
  }
  under_way_ = started;
  started->start();
}

void answer_sender::grew(std::size_t bytes) {
  if (clock_)
    clock_->moved(bytes);
}

void answer_sender::abandon() {
  if (const auto left = under_way_.lock())
    left->abandon();
}

} // namespace outrigger
