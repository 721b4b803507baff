#include "net/socket_record.hpp"

#include "protocol/access_line.hpp"

namespace outrigger {

void count_end(server_context& context, const websocket_birth& birth,
               const websocket_end& end) {
  ++context.counted.closed[end.code];
  if (!context.log_access)
    return;
  access_line line;
  line.request_id = birth.request_id;
  line.protocol = access_protocol::websocket;
  line.method = "GET";
  line.path = birth.path;
  line.status = 101;
  line.bytes = end.sent_bytes;
  line.close_code = end.code;
  line.duration = end.lasted;
  line.remote = birth.from.from.text;
  line.who = birth.who;
  context.log_access(line);
}

} // namespace outrigger
