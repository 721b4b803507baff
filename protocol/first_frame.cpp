#include "protocol/first_frame.hpp"

#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

first_frame classify_first_frame(frame_kind kind, std::string_view bytes) {
  if (kind == frame_kind::binary)
    return first_frame::terminals;
  const auto parsed =
      json::parse_object(bytes, "first frame", limits::max_message);
  if (!parsed)
    return first_frame::unknown;
  const json::fields fields{*parsed, "first frame"};
  if (fields.find("command"))
    return first_frame::computer;
  return fields.find("channel") ? first_frame::terminals : first_frame::unknown;
}

std::string computer_refusal(bool authenticated) {
  json::writer out;
  out.field("success", false)
      .field("error", authenticated
                          ? "the computer dialect is not served by this version"
                          : "Authentication failed");
  return out.finish();
}

} // namespace outrigger
