// What the first frame of a socket on /ws says about its dialect, when nothing
// in its upgrade request did.

#pragma once

#include <string>
#include <string_view>

#include "protocol/frame.hpp"

namespace outrigger {

enum class first_frame : std::uint8_t {
  terminals, // binary, or a JSON object with `channel`
  computer,  // a JSON object with `command`
  unknown,
};

[[nodiscard]] first_frame classify_first_frame(frame_kind kind,
                                               std::string_view bytes);

/// The computer dialect's error answer: it is not served by this version, or
/// (without `authenticated`) the credential is refused.
[[nodiscard]] std::string computer_refusal(bool authenticated);

} // namespace outrigger
