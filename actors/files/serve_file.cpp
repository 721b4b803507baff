// The bytes of a file as an HTTP answer: ranges, conditions, and the fields
// that keep a browser from running what it is given.

#include <memory>
#include <utility>

#include "actors/files/faults.hpp"
#include "actors/files/file_calls.hpp"
#include "actors/os/files/content.hpp"
#include "actors/os/files/file_read.hpp"
#include "protocol/content_disposition.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/http_conditions.hpp"
#include "protocol/http_range.hpp"

namespace outrigger {
namespace {

/// Up to here the bytes go into the answer itself: one system call and no
/// second way through the pool.
constexpr std::uint64_t small_file = 64 * 1024;

/// What libmagic looks at; it needs little more than the first lines.
constexpr std::size_t type_window = 4096;

constexpr std::int64_t ns_per_second = 1'000'000'000;

file_body to_body(os::unique_fd fd, byte_range range) {
  const auto close = [](const int* held) {
    os::unique_fd{*held}.reset();
    delete held; // NOLINT: made below, with this as its deleter
  };
  return {std::shared_ptr<const int>{new int{fd.release()}, close},
          range.offset, range.size};
}

} // namespace

result<rest_answer> serve_file(const file_place& place, const rest_call& call,
                               bool as_attachment) {
  auto file = os::open_regular(place.root, place.path);
  if (!file)
    return to_error(file.error(), place.spelling);
  const auto size = file->info.size;
  const auto tag = "\"" + os::version_of(file->info) + "\"";
  const auto modified = file->info.modified_ns / ns_per_second;
  const auto name = name_of(place.shown);
  auto start = os::read_at(file->fd.get(), 0, type_window);
  if (!start)
    return to_error(start.error(), place.spelling);

  rest_answer answer;
  answer.type = "";
  answer.fields = {
      {"Content-Type", os::mime_type_of(name, *start)},
      {"ETag", tag},
      {"Last-Modified", http_date(modified)},
      {"Accept-Ranges", "bytes"},
      {"Cache-Control", "private, no-cache"},
      {"Content-Disposition",
       content_disposition(as_attachment ? disposition::attachment
                                         : disposition::in_line,
                           name)},
      // Nothing a file holds runs as the console's.
      {"Content-Security-Policy", "sandbox; default-src 'none'"},
  };
  switch (judge_read(call.fields, tag, modified)) {
  case read_verdict::not_modified:
    answer.status = 304;
    return answer;
  case read_verdict::failed:
    return file_error(file_fault::precondition, place.spelling);
  case read_verdict::proceed:
    break;
  }
  byte_range range{0, size};
  if (range_applies(call.fields.if_range, tag)) {
    const auto chosen = choose_range(call.fields.range, size);
    if (!chosen) {
      auto err = file_error(file_fault::range, place.spelling,
                            unsatisfied_range(size));
      return err;
    }
    if (*chosen) {
      range = **chosen;
      answer.status = 206;
      answer.fields.emplace_back("Content-Range", content_range(range, size));
    }
  }
  if (range.size > small_file || call.head) {
    answer.file = to_body(std::move(file->fd), range);
    return answer;
  }
  if (range.offset == 0 && range.size <= start->size())
    answer.body = start->substr(0, range.size);
  else if (auto bytes = os::read_at(file->fd.get(), range.offset, range.size))
    answer.body = std::move(*bytes);
  else
    return to_error(bytes.error(), place.spelling);
  return answer;
}

} // namespace outrigger
