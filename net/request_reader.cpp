#include "net/request_reader.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <boost/beast/http/read.hpp>

#include "protocol/request_head.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;

/// Small, because most connections wait most of the time.
constexpr std::size_t read_size = 2048;

bool is_parse_error(error_code ec) {
  return ec.category() ==
         http::make_error_code(http::error::bad_method).category();
}

} // namespace

/// For so many bytes, and what there is already.
void request_reader::make_room(std::size_t size) {
  buffer_.max_size(std::max(size, buffer_.size() + read_size));
}

void request_reader::read_head(stream& from, owner_ptr owner) {
  make_room(limits_.max_header + spare);
  seen_ = 0;
  in_pieces_ = false;
  whole_ = false;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits_.max_header));
  parser_->body_limit(boost::none); // see limit_body()
  if (buffer_.size() == 0) {
    if (buffer_.capacity() > limits_.max_header) // from a body
      buffer_.shrink_to_fit();
    return read_more(from, std::move(owner));
  }
  // In a turn of its own, so that a long pipeline keeps nobody waiting.
  asio::post(from.get_executor(),
             [this, &from, owner = std::move(owner)]() mutable {
               listener_.request_began();
               look(from, std::move(owner));
             });
}

void request_reader::read_more(stream& from, owner_ptr owner) {
  from.async_read_some(buffer_.prepare(read_size),
                       [this, &from, owner = std::move(owner)](
                           error_code ec, std::size_t size) mutable {
                         if (ec)
                           return listener_.head_read({std::nullopt, ec});
                         if (buffer_.size() == 0)
                           listener_.request_began();
                         buffer_.commit(size);
                         look(from, std::move(owner));
                       });
}

void request_reader::look(stream& from, owner_ptr owner) {
  const auto end = find_head_end(bytes(), seen_, limits_);
  if (!end)
    return listener_.head_read({end.error()});
  seen_ = buffer_.size();
  if (*end == 0)
    return read_more(from, std::move(owner));
  listener_.head_read(parse(*end));
}

request_listener::outcome request_reader::parse(std::size_t size) {
  const auto head = bytes().substr(0, size);
  if (auto ok = check_request_head(head, limits_); !ok)
    return {ok.error()};
  error_code ec;
  const auto used = parser_->put(asio::buffer(head.data(), head.size()), ec);
  buffer_.consume(used);
  if (ec || !parser_->is_header_done())
    return {error{errc::malformed, "bad request: " + ec.message()}};
  fields_ = count_fields();
  return {};
}

std::optional<std::uint64_t> request_reader::content_length() const {
  const auto length = parser_->content_length();
  return length ? std::optional{*length} : std::nullopt;
}

result<void> request_reader::limit_body(std::uint64_t most) {
  most_ = most;
  if (content_length().value_or(0) > most)
    return too_large();
  parser_->body_limit(most);
  return {};
}

void request_reader::read_body(stream& from, owner_ptr owner) {
  http::async_read_some(from, buffer_, *parser_,
                        [this, &from, owner = std::move(owner)](
                            error_code ec, std::size_t) mutable {
                          if (ec || parser_->is_done())
                            return end_body(ec);
                          listener_.body_grew();
                          read_body(from, std::move(owner));
                        });
}

void request_reader::end_body(const error_code& ec) {
  listener_.body_read(judge_body(ec));
}

request_listener::outcome
request_reader::judge_body(const error_code& ec) const {
  if (ec == http::error::body_limit)
    return {too_large()};
  if (ec && is_parse_error(ec) && ec != http::error::partial_message)
    return {error{errc::malformed, "bad request: " + ec.message()}};
  // Beast takes fields behind the last chunk for fields of the head, which
  // has been judged without them.
  if (!ec && parser_->is_done() && count_fields() != fields_)
    return {error{errc::malformed, "bad request: fields behind the body"}};
  return {std::nullopt, ec};
}

void request_reader::discard(stream& from, owner_ptr owner) {
  buffer_.consume(buffer_.size());
  // Below TLS, which has ended.
  from.socket().async_read_some(buffer_.prepare(read_size),
                                [this, &from, owner = std::move(owner)](
                                    error_code ec, std::size_t) mutable {
                                  if (ec)
                                    return listener_.discarded();
                                  discard(from, std::move(owner));
                                });
}

error request_reader::too_large() const {
  return {errc::too_large,
          "request body over " + std::to_string(most_) + " bytes"};
}

std::size_t request_reader::count_fields() const {
  const auto& fields = parser_->get().base();
  return static_cast<std::size_t>(std::distance(fields.begin(), fields.end()));
}

std::string_view request_reader::bytes() const {
  return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
}

} // namespace outrigger
