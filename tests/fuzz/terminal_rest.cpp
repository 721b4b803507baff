// The bodies of POST /terminals and of the resize call.

#include "protocol/terminal_rest.hpp"

#include <algorithm>

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

void check(const create_terminal_body& body) {
  fuzz::require(std::none_of(body.command.begin(), body.command.end(), has_nul),
                "no argument holds a NUL");
  fuzz::require(body.command.empty() || !body.command.front().empty(),
                "a command names a program");
  fuzz::require(body.scrollback_size >= limits::min_scrollback &&
                    body.scrollback_size <= limits::max_scrollback,
                "the scrollback is within its limits");
  fuzz::require(checked_size(body.size.cols, body.size.rows).has_value(),
                "the size is within its limits");
  for (const auto& [name, content] : body.env)
    fuzz::require(!name.empty() && name.find('=') == std::string::npos &&
                      !has_nul(name) && !has_nul(content),
                  "an environment entry is one");
  fuzz::require(!has_nul(body.cwd), "a path holds no NUL");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view_of(data, size);
  if (const auto body = parse_create_terminal(text))
    check(*body);
  if (const auto wanted = parse_resize_body(text))
    fuzz::require(checked_size(wanted->cols, wanted->rows).has_value(),
                  "the size is within its limits");
  static_cast<void>(parse_byte_count(text));
  return 0;
}
