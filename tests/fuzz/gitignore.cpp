// A path on the first line, then the rules: a .gitignore file, whose lines are
// also taken as patterns by themselves.

#include "protocol/files/gitignore.hpp"
#include "protocol/files/glob.hpp"

#include <string>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

/// Says the same as glob_match by trying everything, with a table of what was
/// tried. For short patterns without sets.
class reference {
public:
  reference(std::string_view pattern, std::string_view text, bool of_paths)
      : pattern_(pattern), text_(text), of_paths_(of_paths),
        known_((pattern.size() + 1) * (text.size() + 1), unknown) {}

  bool like(std::size_t p = 0, std::size_t t = 0) {
    auto& answer = known_[p * (text_.size() + 1) + t];
    if (answer == unknown)
      answer = find(p, t) ? yes : no;
    return answer == yes;
  }

private:
  enum state : char { unknown, yes, no };

  bool find(std::size_t p, std::size_t t) {
    const auto rest = pattern_.substr(p);
    if (rest.empty())
      return t == text_.size();
    if (rest[0] == '*')
      return find_star(p, t);
    const bool escaped = rest[0] == '\\';
    if (t == text_.size() || (escaped && rest.size() == 1))
      return false;
    const bool any = rest[0] == '?' && !(of_paths_ && text_[t] == '/');
    return (any || rest[escaped ? 1 : 0] == text_[t]) &&
           !(rest[0] == '?' && !any) && like(p + (escaped ? 2 : 1), t + 1);
  }

  bool find_star(std::size_t p, std::size_t t) {
    auto end = p;
    while (end < pattern_.size() && pattern_[end] == '*')
      ++end;
    const auto rest = pattern_.substr(end);
    const bool whole =
        end - p > 1 && (p == 0 || pattern_[p - 1] == '/') &&
        (rest.empty() || rest[0] == '/' || rest.starts_with("\\/"));
    if (of_paths_ && whole && rest.starts_with('/') && like(end + 1, t))
      return true;
    for (;; ++t) {
      if (like(end, t))
        return true;
      if (t == text_.size() || (of_paths_ && !whole && text_[t] == '/'))
        return false;
    }
  }

  std::string_view pattern_;
  std::string_view text_;
  bool of_paths_;
  std::vector<char> known_;
};

void check_pattern(std::string_view pattern, std::string_view path) {
  const bool simple = pattern.size() < 200 && path.size() < 200 &&
                      pattern.find('[') == std::string_view::npos;
  const bool like = glob_match(pattern, path);
  const bool like_path = glob_match_path(pattern, path);
  if (!simple)
    return;
  fuzz::require(like == reference{pattern, path, false}.like(),
                "a name is like a pattern when there is a way");
  fuzz::require(like_path == reference{pattern, path, true}.like(),
                "a path is like a pattern when there is a way");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::view_of(data, size);
  if (input.size() > 16 * 1024)
    return 0; // below every limit
  auto rest = input;
  const auto path = fuzz::take_line(rest);
  const auto rules = gitignore::parse(rest);
  for (const bool is_folder : {false, true}) {
    const auto verdict = rules.judge(path, is_folder);
    fuzz::require(verdict == gitignore::verdict::none || !rules.empty(),
                  "without patterns there is no verdict");
    const auto more = std::string{rest} + "\n#\n/\n!\n";
    fuzz::require(gitignore::parse(more).judge(path, is_folder) == verdict,
                  "lines that say nothing change nothing");
    const auto kept = std::string{rest} + "\n!*\n";
    fuzz::require(gitignore::parse(kept).judge(path, is_folder) ==
                      gitignore::verdict::kept,
                  "the last line decides");
  }
  while (!rest.empty())
    check_pattern(fuzz::take_line(rest), path);
  return 0;
}
