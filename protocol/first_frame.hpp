// What the first frame of a socket on /ws says about its dialect, when nothing
// in its upgrade request did, and the credential in it.

#pragma once

#include <string>
#include <string_view>

#include "protocol/frame.hpp"
#include "protocol/result.hpp"

namespace outrigger {

enum class first_frame : std::uint8_t {
  terminals, // binary, or a JSON object with `channel`
  computer,  // a JSON object with `command`
  unknown,
};

[[nodiscard]] first_frame classify_first_frame(frame_kind kind,
                                               std::string_view bytes);

/// The first frame of a computer client that did not show a credential before:
/// `{"command":"authenticate","params":{"container_name","api_key"}}`.
struct authenticate_command {
  std::string container_name;
  std::string api_key; // not judged yet
};

/// Unauthorized when it is anything else, in the words that clients know:
/// "First message must be authentication", "API key required", "Container name
/// required".
[[nodiscard]] result<authenticate_command>
parse_authenticate_command(std::string_view text);

/// `{"success":false,"error":why}`, the computer dialect's error answer.
[[nodiscard]] std::string computer_refusal(std::string_view why);

} // namespace outrigger
