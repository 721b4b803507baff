// ENDPOINT: what the network edge needs from whatever is behind it. HTTP and
// WebSocket sessions call it after the gate has let a request in; net/bridge
// implements it with actors. Keeps CAF out of every other file of net/.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/access.hpp"
#include "protocol/frame.hpp"
#include "protocol/http_target.hpp"
#include "protocol/result.hpp"
#include "protocol/routes.hpp"

namespace outrigger {

/// What a call may need of its header, as it was sent; empty: not there.
struct request_fields {
  std::string content_type;
  std::string range;
  std::string if_range;
  std::string if_match;
  std::string if_none_match;
  std::string if_modified_since;
  std::string if_unmodified_since;
  std::optional<std::uint64_t> content_length;
};

/// One REST request the gate let in. `route` points into the route table.
struct rest_call {
  const route* matched = nullptr;
  std::string id; // what {id} or {path...} stood for
  http_target target;
  std::string body;
  principal who;
  bool head = false; // HEAD: the body will not be sent
  request_fields fields = {};
  /// Asked to stop, on the loop, when the client has left and the call only
  /// looks at something: nobody wants its answer any more.
  std::stop_token gone = {};
};

/// A file, or a part of it, as the body of an answer.
struct file_body {
  /// Of a regular file, which its deleter closes. Its position is not used.
  std::shared_ptr<const int> descriptor;
  std::uint64_t offset = 0;
  std::uint64_t size = 0; // bytes to be sent
};

/// A body that is made while it is sent. Destroyed when it is sent, or when
/// nobody waits for the rest of it.
class body_source {
public:
  virtual ~body_source() = default;

  /// Asks for the next piece, at most a few hundred KiB; an empty one is the
  /// end. Called on the loop, and again only after `piece` was. After an error
  /// the connection is cut, so that nobody takes a part for the whole.
  virtual void next(std::function<void(result<std::string>)> piece) = 0;
};

/// What is answered: `file` or `source` instead of `body`, if there is one. A
/// source's length is not known, so it goes out in chunks.
struct rest_answer {
  unsigned status = 200;
  std::string body = {};
  std::string_view type = "application/json"; // a literal
  /// More fields; the names are literals.
  std::vector<std::pair<std::string_view, std::string>> fields = {};
  std::optional<file_body> file = {};
  std::shared_ptr<body_source> source = {};
};

/// Called once, on the loop, some time later or at once.
using answer_function = std::function<void(result<rest_answer>)>;

/// Where the body of a request goes while it arrives. Destroyed before
/// finish(): the client went away, or sent too much; nothing of it stays.
class body_sink {
public:
  virtual ~body_sink() = default;

  /// Takes the next piece. `taken` is called on the loop when there is room
  /// for another one, and no piece is offered before that. An error ends it:
  /// it is the answer, and no more of the body is read.
  virtual void write(std::string piece,
                     std::function<void(result<void>)> taken) = 0;

  /// The body is complete. Called once, last.
  virtual void finish(answer_function answer) = 0;
};

/// Judges a credential that a socket shows after its upgrade.
using credential_check =
    std::function<result<principal>(std::string_view token)>;

/// An upgrade the gate let in. An anonymous one is let in too: it may show a
/// credential in its first frame and hears nothing before.
struct socket_call {
  http_target target;
  bool dialect_forced = false; // came in under /oblien
  bool has_bearer = false;     // Authorization: Bearer, right or not needed
  bool names_computer = false; // X-API-Key, X-VM-Name or X-Container-Name
  principal who;
  credential_check check; // as long as the socket lives; none: refuses all
  const route* matched = nullptr;
};

/// Makes the handler of an upgraded socket.
using socket_opener =
    std::function<std::unique_ptr<frame_handler>(std::weak_ptr<frame_sink>)>;

/// What to do with an accepted upgrade.
struct socket_plan {
  socket_opener open;
  std::size_t max_message = 0;
};

class endpoint {
public:
  virtual ~endpoint() = default;

  /// Runs a REST call. Always answers, within the call's own timeout.
  virtual void rest(rest_call call, answer_function answer) = 0;

  /// Begins a call of a route that takes a body of any size (route::streams);
  /// `call.body` is empty. An error is its answer, without reading the body.
  virtual void
  upload(rest_call call,
         std::function<void(result<std::shared_ptr<body_sink>>)> answer) = 0;

  /// Decides about an upgrade before it is accepted.
  virtual void socket(socket_call call,
                      std::function<void(result<socket_plan>)> answer) = 0;
};

} // namespace outrigger
