#include "protocol/files/file_path.hpp"

#include <vector>

#include "protocol/ascii.hpp"
#include "protocol/files/file_fault.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

/// The kernel's own limits.
constexpr std::size_t longest_path = 4095;
constexpr std::size_t longest_name = 255;

/// What of a path is shown in an error: it may be anything.
constexpr std::size_t longest_quote = 200;

error invalid(std::string_view path, std::string_view why) {
  auto shown =
      utf8::valid(path) ? path.substr(0, longest_quote) : std::string_view{"?"};
  if (shown.find('\0') != std::string_view::npos)
    shown = "?";
  return file_error(file_fault::invalid_path, shown, why);
}

} // namespace

result<std::string> normalise_path(std::string_view path) {
  if (path.size() > longest_path)
    return invalid(path, "over 4095 bytes");
  if (path.find('\0') != std::string_view::npos)
    return invalid(path, "a NUL in it");
  if (!utf8::valid(path))
    return invalid(path, "not UTF-8");
  std::vector<std::string_view> kept;
  for (const auto segment : ascii::split(path, '/')) {
    if (segment.empty() || segment == ".")
      continue;
    if (segment.size() > longest_name)
      return invalid(path, "a name over 255 bytes");
    if (segment != "..")
      kept.push_back(segment);
    else if (kept.empty())
      return file_error(file_fault::outside, path);
    else
      kept.pop_back();
  }
  std::string out;
  for (const auto segment : kept)
    out.append("/").append(segment);
  return out.empty() ? "/" : out;
}

std::optional<std::string_view> below(std::string_view path,
                                      std::string_view folder) {
  if (folder == "/")
    return path.substr(1);
  if (!path.starts_with(folder))
    return std::nullopt;
  path.remove_prefix(folder.size());
  if (path.empty())
    return path;
  if (path.front() != '/')
    return std::nullopt;
  return path.substr(1);
}

std::string join_path(std::string_view folder, std::string_view rest) {
  std::string out{folder};
  if (rest.empty())
    return out;
  if (!out.ends_with('/'))
    out += '/';
  return out.append(rest);
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/"
                                                       : path.substr(0, slash);
}

std::string_view extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view{}
                                                   : name.substr(dot);
}

} // namespace outrigger
