// ENDPOINT: what the network edge needs from whatever is behind it. HTTP and
// WebSocket sessions call it after the gate has let a request in; net/bridge
// implements it with actors. Keeps CAF out of every other file of net/.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "protocol/access.hpp"
#include "protocol/frame.hpp"
#include "protocol/http_target.hpp"
#include "protocol/result.hpp"
#include "protocol/routes.hpp"

namespace outrigger {

/// One REST request the gate let in. `route` points into the route table.
struct rest_call {
  const route* matched = nullptr;
  std::string id; // what {id} stood for
  http_target target;
  std::string body;
  principal who;
};

struct rest_answer {
  unsigned status = 200;
  std::string body;
  std::string_view type = "application/json"; // a literal
};

/// Called once, on the loop, some time later or at once.
using answer_function = std::function<void(result<rest_answer>)>;

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

  /// Decides about an upgrade before it is accepted.
  virtual void socket(socket_call call,
                      std::function<void(result<socket_plan>)> answer) = 0;
};

} // namespace outrigger
