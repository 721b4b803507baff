// The calls of the terminals dialect about files; see file_calls.hpp.

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/files/faults.hpp"
#include "actors/files/file_calls.hpp"
#include "actors/files/listing.hpp"
#include "actors/os/files/content.hpp"
#include "actors/os/files/file_change.hpp"
#include "actors/os/files/file_read.hpp"
#include "actors/os/files/in_place_writer.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/files/oblien_files.hpp"
#include "protocol/files/oblien_listing.hpp"
#include "protocol/limits.hpp"

namespace outrigger {
namespace {

/// How much of a file is looked at for one piece of it.
constexpr std::size_t read_size = 256 * 1024;

error too_large_for_json(const file_place& place) {
  return file_error(file_fault::too_large, place.spelling,
                    "over 10 MiB: read it by lines, or raw");
}

/// The lines wanted of a file that need not fit into memory.
result<line_range> read_lines(int fd, const file_place& place,
                              const read_query& query,
                              const std::stop_token& stop) {
  line_range out;
  std::string rest;         // the start of a line whose end is still to come
  std::uint64_t before = 0; // lines before those in `rest`
  for (std::uint64_t offset = 0;;) {
    if (stop.stop_requested())
      return file_error(file_fault::timeout, place.spelling);
    auto piece = os::read_at(fd, offset, read_size);
    if (!piece)
      return to_error(piece.error(), place.spelling);
    offset += piece->size();
    const bool last = piece->size() < read_size;
    rest += *piece;
    const auto whole = last ? rest.size() : rest.rfind('\n') + 1;
    if (whole == 0 && rest.size() > limits::max_json_read)
      return too_large_for_json(place); // one endless line
    const auto lines = static_cast<std::uint64_t>(std::count(
        rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(whole), '\n'));
    auto part = query;
    part.start_line =
        std::max<std::uint64_t>(query.start_line.value_or(1), before + 1) -
        before;
    if (query.end_line)
      part.end_line = *query.end_line > before ? *query.end_line - before : 0;
    part.first_number = before + 1;
    auto taken = take_lines(std::string_view{rest}.substr(0, whole), part);
    out.text += taken.text;
    out.lines += taken.lines;
    if (out.text.size() > limits::max_json_read)
      return too_large_for_json(place);
    before += lines;
    rest.erase(0, whole);
    if (last || (query.end_line && before >= *query.end_line))
      return out;
  }
}

/// How long a piece of the stream may take before others get their turn.
constexpr std::chrono::milliseconds slice{50};

/// One line of the stream after another.
class listing_producer final : public body_producer {
public:
  listing_producer(std::string shown, list_query query,
                   std::unique_ptr<listing> entries)
      : shown_{std::move(shown)}, query_{std::move(query)}, entries_{std::move(
                                                                entries)} {}

  result<std::string> produce(const std::stop_token& stop) override {
    using clock = std::chrono::steady_clock;
    const auto end = clock::now() + slice;
    std::string out;
    if (!std::exchange(started_, true))
      out = stream_start_line(shown_);
    // Something at least: nothing would be the end.
    while (!done_ && out.size() < piece_size &&
           (out.empty() || clock::now() < end)) {
      auto entry = entries_->next(stop);
      if (entry) {
        ++count_;
        out += stream_entry_line(*entry, query_);
        continue;
      }
      done_ = true;
      out += stream_done_line(count_, false);
    }
    return out;
  }

private:
  static constexpr std::size_t piece_size = 64 * 1024;
  std::string shown_;
  list_query query_;
  std::unique_ptr<listing> entries_;
  std::size_t count_ = 0;
  bool started_ = false;
  bool done_ = false;
};

} // namespace

result<rest_answer> oblien_list(const file_context& context,
                                const rest_call& call, std::stop_token stop) {
  auto query = parse_list_query(call.target);
  if (!query)
    return query.error();
  auto place = locate_machine(context, call, query->path, right::view);
  if (!place)
    return place.error();
  auto entries = listing::begin(*place, *query);
  if (!entries)
    return entries.error();
  list_writer out{place->shown, *query};
  bool truncated = false;
  while (auto entry = (*entries)->next(stop)) {
    truncated = out.count() == limits::max_listed_entries;
    if (truncated || stop.stop_requested())
      break;
    out.add(*entry);
  }
  return rest_answer{200, out.finish(truncated)};
}

result<rest_answer> oblien_stream(const file_context& context,
                                  const rest_call& call, std::stop_token) {
  auto query = parse_list_query(call.target);
  if (!query)
    return query.error();
  query->nested = query->flatten = true;
  auto place = locate_machine(context, call, query->path, right::view);
  if (!place)
    return place.error();
  auto entries = listing::begin(*place, *query);
  if (!entries)
    return entries.error();
  rest_answer answer;
  answer.type = "application/x-ndjson";
  // Digests take their time.
  const auto how = opens_files(*query) ? pace::slow : pace::quick;
  answer.source =
      make_source(context.pool, how,
                  std::make_unique<listing_producer>(
                      place->shown, std::move(*query), std::move(*entries)));
  return answer;
}

result<rest_answer> oblien_read(const file_context& context,
                                const rest_call& call, std::stop_token stop) {
  const auto query = parse_read_query(call.target);
  if (!query)
    return query.error();
  auto place = locate_machine(context, call, query->path, right::view);
  if (!place)
    return place.error();
  const auto file = os::open_regular(place->root, place->path);
  if (!file)
    return to_error(file.error(), place->spelling);
  read_answer out;
  out.file = to_entry(file->info, place->shown);
  const auto known = is_known(call, *place, file->info);
  if (!known)
    return known.error();
  if (*known)
    return not_modified(out.file);
  const bool by_lines = query->start_line || query->end_line || query->numbers;
  if (by_lines) {
    auto range = read_lines(file->fd.get(), *place, *query, stop);
    if (!range)
      return range.error();
    out.lines = range->lines;
    out.content = to_shown(std::move(range->text));
    const auto first = query->start_line.value_or(1);
    if (query->start_line || query->end_line) {
      out.start_line = first;
      out.end_line = first + out.lines - (out.lines > 0 ? 1 : 0);
    }
  } else {
    auto bytes = os::read_whole(file->fd.get(), limits::max_json_read);
    if (!bytes)
      return bytes.error() == std::errc::file_too_large
                 ? too_large_for_json(*place)
                 : to_error(bytes.error(), place->spelling);
    out.lines = take_lines(*bytes, {}).lines;
    out.content = to_shown(std::move(*bytes));
  }
  rest_answer answer{200, to_json(out)};
  add_version(answer, out.file);
  return answer;
}

result<rest_answer> oblien_write(const file_context& context,
                                 const rest_call& call, std::stop_token) {
  const auto body = parse_write_body(call.body);
  if (!body)
    return body.error();
  auto place = locate_machine(context, call, body->path, right::use);
  if (!place)
    return place.error();
  const auto expected = expect(call, body->expected_version);
  if (!expected)
    return expected.error();
  if (body->append) {
    os::ranged_write how;
    how.create = true;
    how.create_folders = body->create_folders;
    how.mode = body->mode;
    how.durable = body->durable;
    how.condition = expected->condition;
    const auto written =
        os::write_in_place(place->root, place->path, body->content, how);
    if (!written)
      return write_error(written.error(), *place, *expected);
    const auto file = to_entry(*written, place->shown);
    rest_answer answer{201, written_to_json(file, false)};
    add_version(answer, file);
    return answer;
  }
  os::write_options how;
  how.mode = body->mode;
  how.create_folders = body->create_folders;
  how.durable = body->durable;
  const auto file = write_whole(context, *place, body->content, how, *expected);
  if (!file)
    return file.error();
  rest_answer answer{201, written_to_json(file->entry, file->created)};
  add_version(answer, file->entry);
  return answer;
}

result<rest_answer> oblien_mkdir(const file_context& context,
                                 const rest_call& call, std::stop_token) {
  const auto body = parse_mkdir_body(call.body);
  if (!body)
    return body.error();
  auto place = locate_machine(context, call, body->path, right::use);
  if (!place)
    return place.error();
  if (auto failed = os::make_folder(place->root, place->path, true, body->mode))
    return to_error(failed, place->spelling);
  return rest_answer{201, path_to_json(place->shown)};
}

result<rest_answer> oblien_stat(const file_context& context,
                                const rest_call& call, std::stop_token) {
  const auto path = parse_path_call({}, call.target, "stat");
  if (!path)
    return path.error();
  auto place = locate_machine(context, call, *path, right::view);
  if (!place)
    return place.error();
  const auto info = os::info_of(place->root, place->path, false);
  if (!info)
    return to_error(info.error(), place->spelling);
  std::optional<std::string> link;
  if (info->kind == os::file_kind::link)
    if (auto target = os::link_target(place->root, place->path))
      link = std::move(*target);
  const auto file = to_entry(*info, place->shown);
  rest_answer answer{200, stat_to_json(file, link)};
  if (file.kind == entry_kind::file)
    add_version(answer, file);
  return answer;
}

result<rest_answer> oblien_delete(const file_context& context,
                                  const rest_call& call, std::stop_token stop) {
  const auto path = parse_path_call(call.body, call.target, "delete");
  if (!path)
    return path.error();
  auto place = locate_machine(context, call, *path, right::use);
  if (!place)
    return place.error();
  if (auto ok = context.files->check_removable(*place); !ok)
    return ok.error();
  const auto expected = expect(call);
  if (!expected)
    return expected.error();
  const auto removed = os::remove_entry(place->root, place->path, true,
                                        std::move(stop), expected->condition);
  if (!removed)
    return write_error(removed.error(), *place, *expected);
  return rest_answer{200, path_to_json(place->shown)};
}

} // namespace outrigger
