#include "protocol/terminal_frame.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::view_of(data, size);
  const auto frame = parse_terminal_frame(bytes);
  if (!frame)
    return 0;
  fuzz::require(frame->id != 0, "an id is never 0");
  fuzz::require(frame->data == bytes.substr(1), "the data is the rest");
  return 0;
}
