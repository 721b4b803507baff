// The first frames of a socket and those of the channel "auth".

#include "protocol/auth_message.hpp"

#include "protocol/first_frame.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view_of(data, size);
  const auto message = parse_auth_message(text);
  fuzz::require(may_be_auth_message(text) || (message && !*message),
                "the short search finds every message");
  if (!message)
    fuzz::require(!auth_error_to_json(message.error()).empty(),
                  "a refusal can be told");

  const auto kind = classify_first_frame(frame_kind::text, text);
  const auto shown = parse_authenticate_command(text);
  if (shown) {
    fuzz::require(kind == first_frame::computer, "a command is a computer's");
    fuzz::require(!shown->api_key.empty() && !shown->container_name.empty(),
                  "a credential is not empty");
  } else {
    fuzz::require(shown.error().code == errc::unauthorized &&
                      !computer_refusal(shown.error().detail).empty(),
                  "a refusal can be told");
  }
  return 0;
}
