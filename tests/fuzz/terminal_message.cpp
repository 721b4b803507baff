// A text frame, as the terminal channel and the choice of a dialect read it.

#include "protocol/terminal_message.hpp"

#include "protocol/error_body.hpp"
#include "protocol/first_frame.hpp"
#include "protocol/limits.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

void check(const resize_message& message) {
  fuzz::require(message.id != 0, "an id is never 0");
  fuzz::require(checked_size(message.size.cols, message.size.rows).has_value(),
                "a size is within its limits");
}

void check(const ack_message& message) {
  fuzz::require(message.offset <= std::uint64_t{1} << 53,
                "an offset fits a JSON number");
}

void check(const attach_message& message) {
  fuzz::require(message.after.value_or(0) <= std::uint64_t{1} << 53,
                "an offset fits a JSON number");
}

void check(const detach_message& message) {
  fuzz::require(message.id != 0, "an id is never 0");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view_of(data, size);
  static_cast<void>(classify_first_frame(frame_kind::text, text));
  const auto message = parse_terminal_message(text);
  if (message)
    std::visit([](const auto& each) { check(each); }, *message);
  else
    // Whatever a client sent, the answer about it is a proper frame.
    fuzz::require(
        parse_terminal_message(error_to_json(std::nullopt, message.error()))
                .error()
                .detail == "terminal message: type is unknown",
        "an error frame is JSON");
  return 0;
}
