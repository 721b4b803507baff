#include "protocol/files/rg_command.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

/// What is the same to ripgrep and to us: a name, with `*`.
bool is_plain_name(std::string_view pattern) {
  return std::all_of(pattern.begin(), pattern.end(), [](char c) {
    return ascii::is_letter(c) || ascii::is_digit(c) ||
           std::string_view{"_+-.#*@~"}.find(c) != std::string_view::npos;
  });
}

/// A pattern for `text` in upper and lower case: "[tT][sS]".
std::string any_case(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char low = ascii::lower(c);
    if (ascii::is_letter(c))
      out.append({'[', low, static_cast<char>(low - 'a' + 'A'), ']'});
    else
      out += c;
  }
  return out;
}

void add_filter(std::vector<std::string>& out, const search_filter& filter) {
  if (filter.include_hidden)
    out.emplace_back("--hidden");
  if (filter.no_gitignore)
    out.emplace_back("--no-ignore");
  else
    out.insert(out.end(), {"--no-require-git", "--no-ignore-global",
                           "--no-ignore-dot", "--glob=!.git"});
  for (const auto& pattern : filter.ignore_patterns)
    if (is_plain_name(pattern))
      out.push_back("--glob=!" + pattern);
  // Not --glob, which would let in what git ignores.
  for (const auto& type : filter.file_types)
    out.push_back("--type-add=wanted:*." + any_case(type));
  if (!filter.file_types.empty())
    out.emplace_back("--type=wanted");
}

std::string first_line(std::string_view text) {
  const auto line = text.substr(0, text.find('\n'));
  return std::string{ascii::trim(line)};
}

} // namespace

std::vector<std::string> rg_arguments(const search_request& request,
                                      std::string_view program,
                                      std::string_view name) {
  const auto& pattern = request.pattern;
  std::vector<std::string> out{
      std::string{program},
      "--no-config",
      "--json",
      "--no-messages", // about files that cannot be read
      "--threads=2",
      "--no-mmap",       // which sees NUL bytes only near the start
      "--encoding=none", // offsets are those of the file
      "--max-filesize=" + std::to_string(limits::max_searched_file),
      // One more than can be shown: then there are more.
      "--max-count=" + std::to_string(request.max_results + 1),
      pattern.case_sensitive ? "--case-sensitive" : "--ignore-case",
  };
  if (!pattern.regex)
    out.emplace_back("--fixed-strings");
  if (pattern.whole_word)
    out.emplace_back("--word-regexp");
  if (request.context_lines > 0)
    out.push_back("--context=" + std::to_string(request.context_lines));
  add_filter(out, request.filter);
  out.emplace_back("--");
  out.push_back(pattern.text);
  // Named even when it is the folder itself: else its stdin would be searched.
  out.push_back("./" + std::string{name});
  return out;
}

std::optional<error> pattern_complaint(std::string_view written) {
  // "regex parse error:", "… not allowed in a regex", "Compiled regex …"
  if (written.find("regex") == std::string_view::npos)
    return std::nullopt;
  static constexpr std::string_view mark = "error: ";
  const auto last = written.rfind("\nerror: ");
  auto sentence = last == std::string_view::npos
                      ? first_line(written)
                      : first_line(written.substr(last + 1 + mark.size()));
  for (const auto before : {std::string_view{"rg: "}, mark})
    if (sentence.starts_with(before))
      sentence.erase(0, before.size());
  return error{errc::malformed, "search: q is no regular expression: " +
                                    utf8::repaired(sentence)};
}

std::string rg_version(std::string_view printed) {
  auto line = first_line(printed);
  // "ripgrep 14.1.0 (rev e50df40a19)"
  if (const auto more = line.find(" ("); more != std::string::npos)
    line.resize(more);
  return line.starts_with("ripgrep ") && utf8::valid(line) ? line
                                                           : std::string{};
}

} // namespace outrigger
