// A text frame of /ws that may be about watched folders, and the body that
// makes a watcher.

#include "protocol/files/watch_message.hpp"
#include "protocol/error_body.hpp"
#include "protocol/files/runtime_message.hpp"
#include "protocol/files/watcher_rest.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

void check(const std::vector<std::string>& excludes) {
  fuzz::require(excludes.size() <= limits::max_excludes, "few excludes");
  for (const auto& each : excludes)
    fuzz::require(!each.empty() && each.size() <= 255 &&
                      each.find('\0') == std::string::npos &&
                      each.front() != '/' && each.back() != '/',
                  "an exclude is a name or a glob");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view_of(data, size);
  const auto message = parse_socket_message(text);
  if (!message) {
    // Whatever a client sent, the answer about it is a proper frame.
    fuzz::require(
        parse_socket_message(watch_error_to_json("", 0, message.error()))
                .error()
                .detail == "watcher message: type is unknown",
        "an error frame is JSON");
  } else if (const auto* wish = std::get_if<watch_message>(&*message)) {
    fuzz::require(!wish->path.empty(), "a path is there");
    check(wish->excludes);
  } else if (const auto* end = std::get_if<unwatch_message>(&*message)) {
    fuzz::require(end->watcher != 0, "an id is never 0");
  }
  if (const auto body = parse_create_watcher(text))
    check(body->excludes);
  fuzz::require(!answer_runtime_message(text).empty(), "an answer always");
  return 0;
}
