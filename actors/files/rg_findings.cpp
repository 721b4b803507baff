#include "actors/files/rg_findings.hpp"

#include <algorithm>
#include <utility>

#include "actors/os/files/file_read.hpp"
#include "protocol/search_limits.hpp"

namespace outrigger {
namespace {

/// "./src/a.c", as ripgrep was told to begin with "./".
std::string_view below_start(std::string_view path) {
  return path.starts_with("./") ? path.substr(2) : path;
}

/// Whether the file has this line at this place, and says the same there.
bool is_there(const os::open_file& file, const rg_event& line) {
  // The byte before it ends another line, or it would be a part of one.
  const auto before = line.offset > 0 ? std::uint64_t{1} : 0;
  const auto bytes = os::read_at(file.fd.get(), line.offset - before,
                                 line.text.size() + before);
  if (!bytes || bytes->size() != line.text.size() + before)
    return false;
  return (before == 0 || bytes->front() == '\n') &&
         std::string_view{*bytes}.substr(before) == line.text;
}

} // namespace

rg_findings::rg_findings(const search_place& place, const search_filter& filter,
                         search_results& found)
    : place_{place}, filter_{place, filter}, found_{found},
      reader_{limits::max_search_text + 1} {}

result<void> rg_findings::take(std::string_view printed) {
  return reader_.feed(printed,
                      [this](rg_event&& event) { hear(std::move(event)); });
}

void rg_findings::hear(rg_event&& event) {
  switch (event.kind) {
  case rg_kind::begin:
    lines_.clear();
    matches_ = 0;
    bytes_ = 0;
    return;
  case rg_kind::match:
  case rg_kind::context:
    return keep(std::move(event));
  case rg_kind::end:
    return end_file(event);
  case rg_kind::summary:
    complete_ = true;
    return;
  case rg_kind::other:
    return;
  }
}

/// No more of one file than there is room for, and a match beyond.
void rg_findings::keep(rg_event&& event) {
  const bool is_match = event.kind == rg_kind::match;
  if (matches_ > found_.room() || bytes_ > limits::max_search_answer)
    return;
  matches_ += is_match ? 1 : 0;
  bytes_ += event.text.size();
  event.path.clear();
  lines_.push_back(std::move(event));
}

void rg_findings::end_file(const rg_event& event) {
  const std::string path{below_start(event.path)};
  if (!event.binary && !found_.capped() && filter_.wants(path))
    found_.add(path, look_up(path));
  lines_.clear();
}

/// What of it can be read through the door. What cannot, or says something
/// else there, has changed meanwhile, or was never ours to see.
std::vector<found_line> rg_findings::look_up(const std::string& path) const {
  std::vector<found_line> out;
  const auto file = os::open_regular(place_.folder, path);
  if (!file)
    return out;
  for (const auto& line : lines_) {
    if (!is_there(*file, line))
      continue;
    std::optional<std::uint64_t> column;
    if (line.kind == rg_kind::match)
      column = line.start.value_or(0) + 1;
    out.push_back(show_line(line.line, column, line.text, line.cut));
  }
  return out;
}

} // namespace outrigger
