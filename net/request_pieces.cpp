// A body read in pieces, for whoever stores it while it comes.

#include <algorithm>
#include <utility>

#include "net/request_reader.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;

} // namespace

http_request request_reader::copy_head() const {
  return http_request{parser_->get().base()};
}

void request_reader::read_piece(stream& from, owner_ptr owner, std::size_t most,
                                piece_function give) {
  if (!std::exchange(in_pieces_, true)) {
    left_ = content_length().value_or(0);
    piece_size_ = first_read;
    parser_->eager(true);
  }
  if (!parser_->chunked())
    return read_bytes(from, std::move(owner), most, std::move(give));
  make_room(limits_.max_header + least_piece);
  read_chunks(from, std::move(owner), std::move(give));
}

/// Straight to where the piece is, past the parser: there is nothing to parse.
void request_reader::read_bytes(stream& from, owner_ptr owner, std::size_t most,
                                piece_function give) {
  const auto room = static_cast<std::size_t>(
      std::min<std::uint64_t>(left_, std::min(piece_size_, most)));
  if (buffer_.size() > 0) {
    std::string piece{bytes().substr(0, room)};
    buffer_.consume(piece.size());
    return give_bytes(std::move(piece), give);
  }
  auto piece = std::make_shared<std::string>(room, '\0');
  const auto space = asio::buffer(*piece);
  from.async_read_some(
      space, [this, piece, owner = std::move(owner),
              give = std::move(give)](error_code ec, std::size_t n) {
        if (ec)
          return give({std::nullopt, ec}, {});
        if (n == piece_size_)
          piece_size_ = std::min(2 * n, limits::max_body_piece);
        piece->resize(n);
        give_bytes(std::move(*piece), give);
      });
}

void request_reader::give_bytes(std::string bytes, const piece_function& give) {
  left_ -= bytes.size();
  whole_ = left_ == 0;
  give({}, {std::move(bytes), whole_});
}

void request_reader::read_chunks(stream& from, owner_ptr owner,
                                 piece_function give) {
  if (buffer_.size() > 0) {
    error_code ec;
    buffer_.consume(parser_->put(buffer_.data(), ec));
    // What is left is a line between chunks, or what stands behind the last.
    if (ec == http::error::need_more)
      ec = buffer_.size() < limits_.max_header + spare
               ? error_code{}
               : http::error::buffer_overflow;
    const auto judged = judge_body(ec);
    if (judged.refusal || judged.failure)
      return give(judged, {});
    auto piece = std::exchange(parser_->get().body(), {});
    if (!piece.empty() || parser_->is_done())
      return give({}, {std::move(piece), parser_->is_done()});
  }
  const auto room = std::min(least_piece, buffer_.max_size() - buffer_.size());
  from.async_read_some(
      buffer_.prepare(room),
      [this, &from, owner = std::move(owner),
       give = std::move(give)](error_code ec, std::size_t n) mutable {
        if (ec)
          return give({std::nullopt, ec}, {});
        buffer_.commit(n);
        read_chunks(from, std::move(owner), std::move(give));
      });
}

} // namespace outrigger
