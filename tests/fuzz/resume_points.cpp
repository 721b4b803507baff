#include <algorithm>
#include <string>

#include "protocol/terminal_message.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto points = parse_resume_points(fuzz::view_of(data, size));
  if (!points)
    return 0;
  fuzz::require(points->size() <= 255, "no terminal is named twice");
  std::string text;
  for (const auto& point : *points)
    text += (text.empty() ? "" : ",") + std::to_string(point.id) + ':' +
            std::to_string(point.offset);
  fuzz::require(parse_resume_points(text).value() == *points,
                "what was read can be written and read again");
  return 0;
}
