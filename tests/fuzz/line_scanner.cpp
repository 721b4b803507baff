// The own search: an expression in the first line, behind it a file. Its first
// byte says in which pieces the file comes, with how much context, and how it
// is to be matched.

#include "protocol/files/line_scanner.hpp"

#include <algorithm>

#include "protocol/utf8.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

std::vector<found_line> scan(const line_matcher& matcher, std::string_view text,
                             std::size_t context, std::size_t piece) {
  line_scanner scanner{matcher, context, 20};
  for (std::size_t at = 0; at < text.size(); at += piece)
    if (!scanner.feed(text.substr(at, piece)))
      break;
  return scanner.finish();
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const auto how = data[0];
  auto text = fuzz::view_of(data + 1, size - 1);
  search_pattern wanted;
  wanted.text = fuzz::take_line(text);
  wanted.regex = (how & 1) != 0;
  wanted.case_sensitive = (how & 2) != 0;
  wanted.whole_word = (how & 4) != 0;
  if (wanted.text.empty() || wanted.text.size() > 100 || text.size() > 4096 ||
      !utf8::valid(wanted.text) || text.find('\0') != std::string_view::npos)
    return 0;
  const auto matcher = line_matcher::make(wanted);
  if (!matcher)
    return 0;
  const std::size_t context = how >> 3 & 3;
  const auto whole = scan(*matcher, text, context, text.size() + 1);
  const auto pieces = scan(*matcher, text, context, (how >> 5) + 1u);
  fuzz::require(whole == pieces, "pieces are searched as the whole is");
  const auto lines =
      static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) +
      1;
  std::uint64_t last = 0;
  for (const auto& found : whole) {
    fuzz::require(found.line > last && found.line <= lines,
                  "lines are in order, and there are so many");
    fuzz::require(found.text.find('\n') == std::string::npos &&
                      utf8::valid(found.text),
                  "a text is one line of UTF-8");
    last = found.line;
  }
  return 0;
}
