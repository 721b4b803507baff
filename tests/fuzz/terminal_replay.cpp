// Any bytes a program may print. The first byte of the input chooses the size
// of the chunks they arrive in.

#include "protocol/terminal_replay.hpp"

#include <algorithm>
#include <string>

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

std::string in_chunks(std::string_view text, std::size_t chunk) {
  std::string out;
  std::string waiting;
  for (std::size_t at = 0; at < text.size(); at += chunk) {
    waiting += text.substr(at, chunk);
    const auto done = neutralise_queries(waiting, false);
    fuzz::require(done <= waiting.size(), "no more is complete than there is");
    fuzz::require(waiting.size() - done <= 2 * max_query_length,
                  "little is held back");
    out += waiting.substr(0, done);
    waiting.erase(0, done);
  }
  fuzz::require(neutralise_queries(waiting, true) == waiting.size(),
                "in the end everything is complete");
  return out + waiting;
}

/// Output may lose bytes to NUL, and an `ESC \` may take the place of a
/// query; nothing else may appear.
void check_changes(std::string_view before, std::string_view after) {
  fuzz::require(before.size() == after.size(), "the length is unchanged");
  for (std::size_t i = 0; i < before.size(); ++i)
    fuzz::require(after[i] == before[i] || after[i] == '\0' ||
                      after[i] == '\x1b' || after[i] == '\\',
                  "only NUL and ST are written");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::view_of(data, size);
  // At most a few hundred chunks: what is open is read again with each.
  const std::size_t chunk =
      text.empty()
          ? 1
          : std::max<std::size_t>(1 + data[0] * 17u % 4099, text.size() / 256);
  if (!text.empty())
    text.remove_prefix(1);

  const auto start = safe_start(text);
  fuzz::require(start <= text.size(), "a start is within the bytes");
  const auto later = safe_start(text, text.size() / 2);
  fuzz::require(later <= text.size(), "a later start is within the bytes");

  std::string whole{text};
  fuzz::require(neutralise_queries(whole, true) == whole.size(),
                "in the end everything is complete");
  check_changes(text, whole);

  auto again = whole;
  neutralise_queries(again, true);
  fuzz::require(again == whole, "a second pass changes nothing");
  fuzz::require(in_chunks(text, chunk) == whole,
                "chunks give what the whole gives");
  return 0;
}
