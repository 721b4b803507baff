#include "protocol/terminal_frame.hpp"

#include "protocol/limits.hpp"

namespace outrigger {

result<terminal_frame> parse_terminal_frame(std::string_view bytes) {
  if (bytes.empty())
    return error{errc::malformed, "terminal frame: no id byte"};
  if (bytes.size() > limits::max_message)
    return error{errc::too_large, "terminal frame: over 1 MiB"};
  const auto id = static_cast<std::uint8_t>(bytes.front());
  if (id < limits::min_terminal_id)
    return error{errc::malformed, "terminal frame: id 0 names no terminal"};
  return terminal_frame{id, bytes.substr(1)};
}

} // namespace outrigger
