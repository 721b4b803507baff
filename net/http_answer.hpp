// HTTP ANSWER: an answer before it is written. Its head carries, besides what
// the answer itself says, the fields that keep browsers from doing more with
// it than they should, and those that belong to a status or say where the body
// ends.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "net/console.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/error_body.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// The only version of WebSocket there is: RFC 6455.
inline constexpr const char* websocket_version = "13";

using answer_head =
    boost::beast::http::response<boost::beast::http::empty_body>;

struct http_answer {
  answer_head head;
  /// Of our own, of the program's own, or any size of it.
  std::variant<std::string, std::string_view, file_body,
               std::shared_ptr<body_source>>
      body;

  /// Whether its body is sent while it is read or made.
  [[nodiscard]] bool is_streamed() const { return body.index() >= 2; }
  /// Of the body as a whole; null of a source.
  [[nodiscard]] std::optional<std::uint64_t> body_size() const;
  /// What is sent at once; empty when the body is streamed.
  [[nodiscard]] std::string_view bytes() const;
};

[[nodiscard]] http_answer to_answer(rest_answer answer);
[[nodiscard]] http_answer to_answer(asset_response asset);

/// A failure, with the fields its status asks for.
[[nodiscard]] http_answer
to_answer(const error& err, std::string_view request_id, error_style style);

/// To a browser's preflight: what a page of a listed origin may send.
[[nodiscard]] http_answer preflight_answer();

/// What of the connection and its request shows in an answer's head.
struct answer_context {
  std::string_view request_id;
  std::string_view cors_origin; // may read it; empty: only our own page
  bool last = false;            // the connection ends with it
  bool chunks = true;           // the client can tell where they end
};

/// Sets the fields of every answer.
void finish_head(http_answer& answer, const answer_context& context);

/// The head as it is sent.
[[nodiscard]] std::string to_text(const answer_head& head);

} // namespace outrigger
