// REQUEST READER: one request after another from one connection's bytes, each
// judged as raw bytes before it is parsed.
//
//   stream ─► read_head ─► judged, parsed header ─► read_body ─► whole request
//
// Part of an http_session, used on the loop only. Bytes behind a request stay
// for the next one, or for whoever takes the connection over.

#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/stream.hpp"
#include "protocol/limits.hpp"
#include "protocol/result.hpp"

namespace outrigger {

using http_request = beast::http::request<beast::http::string_body>;

/// Whom the reader tells, on the loop.
class request_listener {
public:
  /// What reading came to: nothing, a refusal to be answered, or the end of
  /// the connection.
  struct outcome {
    std::optional<error> refusal = std::nullopt;
    error_code failure = {}; // nothing can be answered any more
  };

  /// The first bytes of a request are there.
  virtual void request_began() = 0;
  virtual void head_read(const outcome& result) = 0;
  /// Some more of the body is there, and more is to come.
  virtual void body_grew() = 0;
  virtual void body_read(const outcome& result) = 0;
  /// The peer has sent its last byte.
  virtual void discarded() = 0;

protected:
  ~request_listener() = default;
};

class request_reader {
public:
  /// `listener` owns this object and is kept alive by the `owner` given with
  /// each call until that call's answer.
  request_reader(const limits::edge_limits& limits, request_listener& listener)
      : limits_{limits}, listener_{listener}, buffer_{limits.max_header +
                                                      spare} {}

  using owner_ptr = std::shared_ptr<void>;

  /// Reads the next head: request_began(), then head_read().
  void read_head(stream& from, owner_ptr owner);

  /// The head that was read.
  [[nodiscard]] const http_request& head() const { return parser_->get(); }

  /// Whether nothing belongs to the request but the head.
  [[nodiscard]] bool is_whole() const { return parser_->is_done(); }

  /// Reads the rest of the request: body_grew(), any number of times, then
  /// body_read().
  void read_body(stream& from, owner_ptr owner);

  /// Hands over the request; it is whole, or only its head counts.
  [[nodiscard]] http_request take() { return parser_->release(); }

  /// Bytes that have come behind the request.
  [[nodiscard]] std::size_t bytes_behind() const { return buffer_.size(); }

  /// Forgets what has come, and reads and forgets what still comes, until the
  /// connection ends: discarded().
  void discard(stream& from, owner_ptr owner);

private:
  using outcome = request_listener::outcome;

  /// Room to read on behind a head of the largest size.
  static constexpr std::size_t spare = 4096;

  void read_more(stream& from, owner_ptr owner);
  void look(stream& from, owner_ptr owner);
  [[nodiscard]] outcome parse(std::size_t size);
  void end_body(const error_code& ec);
  [[nodiscard]] error too_large() const;
  [[nodiscard]] std::size_t count_fields() const;
  [[nodiscard]] std::string_view bytes() const;

  const limits::edge_limits& limits_;
  request_listener& listener_;
  beast::flat_buffer buffer_;
  std::size_t seen_ = 0;   // bytes looked at for the head's end
  std::size_t fields_ = 0; // of the head
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
};

} // namespace outrigger
