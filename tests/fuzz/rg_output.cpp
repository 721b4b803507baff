// What a program that says it is ripgrep prints. The first byte says in which
// pieces it comes.

#include "protocol/files/rg_output.hpp"

#include <algorithm>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

constexpr std::size_t max_text = 64;

struct heard_events {
  std::vector<rg_event> events;
  bool refused = false;
};

heard_events read(std::string_view text, std::size_t piece) {
  heard_events out;
  rg_reader reader{max_text};
  const auto hear = [&out](rg_event&& event) {
    fuzz::require(event.text.size() <= max_text, "of a line a part is kept");
    fuzz::require(event.path.size() <= 4096, "a path is as long as one");
    out.events.push_back(std::move(event));
  };
  for (std::size_t at = 0; at < text.size() && !out.refused; at += piece)
    out.refused = reader.feed(text.substr(at, piece), hear).has_error();
  return out;
}

bool same(const rg_event& a, const rg_event& b) {
  return a.kind == b.kind && a.path == b.path && a.text == b.text &&
         a.cut == b.cut && a.line == b.line && a.offset == b.offset &&
         a.start == b.start && a.binary == b.binary;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const auto text = fuzz::view_of(data + 1, size - 1);
  const auto whole = read(text, text.size() + 1);
  const auto pieces = read(text, std::size_t{data[0]} + 1);
  fuzz::require(whole.refused == pieces.refused,
                "pieces are refused as the whole is");
  // What was heard before a mistake depends on the pieces.
  fuzz::require(whole.refused ||
                    (whole.events.size() == pieces.events.size() &&
                     std::equal(whole.events.begin(), whole.events.end(),
                                pieces.events.begin(), same)),
                "pieces are read as the whole is");
  return 0;
}
