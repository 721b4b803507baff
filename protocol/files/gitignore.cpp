#include "protocol/files/gitignore.hpp"

#include <algorithm>

#include "protocol/files/glob.hpp"

namespace outrigger {

namespace {

/// Marks of a pattern that is more than a plain name.
constexpr std::string_view wildcards = "*?[\\";

std::size_t literal_size(std::string_view text) {
  return std::min(text.find_first_of(wildcards), text.size());
}

/// Spaces at the end do not count, but for those behind a backslash; tabs do.
std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t size = 0; // up to what is no space
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == ' ')
      continue;
    if (line[at] == '\\' && ++at == line.size())
      return line;
    size = at + 1;
  }
  return line.substr(0, size);
}

/// The line as git reads it; empty when it says nothing.
std::string_view meaning_of(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (line.starts_with('#'))
    return {};
  line = line.substr(0, line.find('\0'));
  return without_trailing_spaces(line);
}

} // namespace

gitignore gitignore::parse(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) // a byte order mark
    text.remove_prefix(3);
  gitignore out;
  while (!text.empty() && out.patterns_.size() < max_patterns) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = meaning_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (out.text_.size() + line.size() > max_text)
      break;
    out.add(line);
  }
  return out;
}

gitignore::kind gitignore::kind_of(std::string_view line) {
  if (line.find('/') != std::string_view::npos)
    return kind::path_glob;
  if (literal_size(line) == line.size())
    return kind::name;
  const bool is_ending =
      line[0] == '*' && literal_size(line.substr(1)) + 1 == line.size();
  return is_ending ? kind::ending : kind::name_glob;
}

void gitignore::add(std::string_view line) {
  pattern made{};
  made.keeps = line.starts_with('!');
  line.remove_prefix(made.keeps ? 1 : 0);
  made.folders_only = line.ends_with('/');
  line.remove_suffix(made.folders_only ? 1 : 0);
  if (line.empty())
    return;
  made.how = kind_of(line);
  if (line[0] == '/' || made.how == kind::ending)
    line.remove_prefix(1); // which only says where the rest belongs
  const auto literal = literal_size(line);
  if (line.size() - literal > max_wild_text - wild_text_)
    return;
  wild_text_ += line.size() - literal;
  made.offset = static_cast<std::uint32_t>(text_.size());
  made.size = static_cast<std::uint32_t>(line.size());
  made.literal = static_cast<std::uint32_t>(literal);
  text_.append(line);
  patterns_.push_back(made);
}

bool gitignore::is_like(const pattern& each, std::string_view path,
                        std::string_view name) const {
  const auto text = std::string_view{text_}.substr(each.offset, each.size);
  switch (each.how) {
  case kind::name:
    return name == text;
  case kind::ending:
    return name.ends_with(text);
  case kind::name_glob:
    return glob_match(text, name);
  case kind::path_glob:
    break;
  }
  // Git holds what is before the first wildcard against the path by itself,
  // which makes a difference for "a**/b": the rest begins with `**`.
  return path.starts_with(text.substr(0, each.literal)) &&
         glob_match_path(text.substr(each.literal), path.substr(each.literal));
}

gitignore::verdict gitignore::judge(std::string_view path,
                                    bool is_folder) const {
  const auto name = path.substr(path.rfind('/') + 1);
  for (auto each = patterns_.rbegin(); each != patterns_.rend(); ++each)
    if ((is_folder || !each->folders_only) && is_like(*each, path, name))
      return each->keeps ? verdict::kept : verdict::ignored;
  return verdict::none;
}

} // namespace outrigger
