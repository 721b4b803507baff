// REQUEST READER: one request after another from one connection's bytes, each
// judged as raw bytes before it is parsed.
//
//   stream ─► read_head ─► judged, parsed header ─┬► read_body ─► whole request
//                                                 └► read_piece ─► … ─► last
//
// Part of an http_session, used on the loop only. Bytes behind a request stay
// for the next one, or for whoever takes the connection over.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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

/// Some of a body.
struct body_piece {
  std::string bytes;
  bool last = false;
};

using piece_function =
    std::function<void(const request_listener::outcome&, body_piece)>;

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

  /// Whether nothing of the request is still to be read.
  [[nodiscard]] bool is_whole() const { return whole_ || parser_->is_done(); }

  /// As the head says.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;

  /// How large a body may be, to be said before it is read. too_large when the
  /// head says that it is larger.
  [[nodiscard]] result<void> limit_body(std::uint64_t most);

  /// Reads the rest of the request: body_grew(), any number of times, then
  /// body_read().
  void read_body(stream& from, owner_ptr owner);

  /// The other way to read the rest of a request that is not whole: what there
  /// is of it, at most `most` bytes, which are at least least_piece. Ends with
  /// a piece that is the last, which may be empty, or with an outcome. `give`
  /// may be called at once.
  void read_piece(stream& from, owner_ptr owner, std::size_t most,
                  piece_function give);

  /// Read at a time where chunks have to be told apart: more than the longest
  /// line between them.
  static constexpr std::size_t least_piece = 64 * 1024;

  /// Hands over the request; it is whole, or only its head counts.
  [[nodiscard]] http_request take() { return parser_->release(); }

  /// The head of a request whose body is read in pieces.
  [[nodiscard]] http_request copy_head() const;

  /// Bytes that have come behind the request.
  [[nodiscard]] std::size_t bytes_behind() const { return buffer_.size(); }

  /// Forgets what has come, and reads and forgets what still comes, until the
  /// connection ends: discarded().
  void discard(stream& from, owner_ptr owner);

private:
  using outcome = request_listener::outcome;

  /// Room to read on behind a head of the largest size, and for what stands
  /// between the chunks of a body that is kept.
  static constexpr std::size_t spare = 4096;
  /// Read at first where the length is known; then twice as much again and
  /// again, as long as it comes.
  static constexpr std::size_t first_read = 16 * 1024;

  void make_room(std::size_t size);
  void read_more(stream& from, owner_ptr owner);
  void look(stream& from, owner_ptr owner);
  [[nodiscard]] outcome parse(std::size_t size);
  void end_body(const error_code& ec);
  /// What reading on came to: nothing, unless it failed or is at its end.
  [[nodiscard]] outcome judge_body(const error_code& ec) const;
  void read_bytes(stream& from, owner_ptr owner, std::size_t most,
                  piece_function give);
  void read_chunks(stream& from, owner_ptr owner, piece_function give);
  void give_bytes(std::string bytes, const piece_function& give);
  [[nodiscard]] error too_large() const;
  [[nodiscard]] std::size_t count_fields() const;
  [[nodiscard]] std::string_view bytes() const;

  const limits::edge_limits& limits_;
  request_listener& listener_;
  beast::flat_buffer buffer_;
  std::size_t seen_ = 0;   // bytes looked at for the head's end
  std::size_t fields_ = 0; // of the head
  std::uint64_t most_ = 0; // bytes of the body
  std::uint64_t left_ = 0; // bytes of the body to come in pieces
  std::size_t piece_size_ = first_read;
  bool in_pieces_ = false;
  bool whole_ = false; // read in pieces, to its end
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
};

} // namespace outrigger
