// The bytes of a file as an HTTP answer: ranges, conditions, and the fields
// that keep a browser from running what it is given.
//
// A small file that the kernel has in memory is answered from the loop's
// thread at once (serve_cached): to ask another thread takes longer than to
// read it.

#include <memory>
#include <utility>

#include "actors/files/faults.hpp"
#include "actors/files/file_calls.hpp"
#include "actors/os/files/content.hpp"
#include "actors/os/files/file_read.hpp"
#include "protocol/content_disposition.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/files/runtime_requests.hpp"
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
    delete held; // made below, with this as its deleter
  };
  return {std::shared_ptr<const int>{new int{fd.release()}, close},
          range.offset, range.size};
}

std::string tag_of(const os::file_info& info) {
  return to_etag(os::version_of(info));
}

/// What an answer about this version says, whichever part of it is sent.
rest_answer begin_answer(const os::file_info& info, std::string_view name,
                         std::string type, bool as_attachment) {
  rest_answer answer;
  answer.type = "";
  answer.fields = {
      {"Content-Type", std::move(type)},
      {"ETag", tag_of(info)},
      {"Last-Modified", http_date(info.modified_ns / ns_per_second)},
      {"Accept-Ranges", "bytes"},
      {"Cache-Control", "private, no-cache"},
      {"Content-Disposition",
       content_disposition(as_attachment ? disposition::attachment
                                         : disposition::in_line,
                           name)},
      // Nothing a file holds runs as the console's.
      {"Content-Security-Policy", "sandbox; default-src 'none'"},
  };
  return answer;
}

/// What the request's conditions and its Range come to: which part is wanted;
/// nothing when the head is all there is to answer.
result<std::optional<byte_range>> choose_part(const os::file_info& info,
                                              const file_place& place,
                                              const rest_call& call,
                                              rest_answer& answer) {
  const auto known = is_known(call, place, info);
  if (!known)
    return known.error();
  if (*known) {
    answer.status = 304;
    return std::optional<byte_range>{};
  }
  // Of HEAD no part can be asked for.
  if (call.head || !range_applies(call.fields.if_range, tag_of(info)))
    return std::optional{byte_range{0, info.size}};
  const auto chosen = choose_range(call.fields.range, info.size);
  if (!chosen) {
    auto err = file_error(file_fault::range, place.spelling);
    err.content_range = unsatisfied_range(info.size);
    return err;
  }
  if (!*chosen)
    return std::optional{byte_range{0, info.size}};
  answer.status = 206;
  answer.fields.emplace_back("Content-Range",
                             content_range(**chosen, info.size));
  return *chosen;
}

} // namespace

result<bool> is_known(const rest_call& call, const file_place& place,
                      const os::file_info& info) {
  const auto verdict =
      judge_read(call.fields, tag_of(info), info.modified_ns / ns_per_second);
  if (verdict == read_verdict::failed)
    return file_error(file_fault::precondition, place.spelling);
  return verdict == read_verdict::not_modified;
}

result<rest_answer> serve_file(const file_context& context,
                               const file_place& place, const rest_call& call,
                               bool as_attachment) {
  auto file = os::open_regular(place.root, place.path);
  if (!file)
    return to_error(file.error(), place.spelling);
  const auto name = name_of(place.shown);
  const auto version = os::version_of(file->info);
  auto type = context.types->find(name, version);
  if (!type) {
    const auto start = os::read_at(file->fd.get(), 0, type_window);
    if (!start)
      return to_error(start.error(), place.spelling);
    type = os::mime_type_of(name, *start);
    context.types->add(name, version, *type);
  }
  auto answer = begin_answer(file->info, name, std::move(*type), as_attachment);
  const auto part = choose_part(file->info, place, call, answer);
  if (!part)
    return part.error();
  if (!*part)
    return answer;
  const auto [offset, size] = **part;
  if (size > small_file || call.head) {
    answer.file = to_body(std::move(file->fd), **part);
    return answer;
  }
  auto bytes = os::read_at(file->fd.get(), offset, size);
  if (!bytes)
    return to_error(bytes.error(), place.spelling);
  answer.body = std::move(*bytes);
  return answer;
}

std::optional<rest_answer> serve_cached(const file_context& context,
                                        const rest_call& call) {
  if (call.matched->id != route_id::runtime_get || call.head)
    return std::nullopt;
  const auto query = parse_content_query(call.target, call.id);
  // A narrowed credential has a root that has to be opened first.
  if (!query || !query->raw || !call.who.scopes.allows(scope::read))
    return std::nullopt;
  const auto place = locate_workspace(context, call, query->path, right::view);
  if (!place)
    return std::nullopt;
  const auto file = os::open_regular_cached(place->root, place->path);
  if (!file || file->info.size > small_file)
    return std::nullopt;
  const auto name = name_of(place->shown);
  auto type = context.types->find(name, os::version_of(file->info));
  if (!type)
    return std::nullopt;
  auto answer =
      begin_answer(file->info, name, std::move(*type), query->download);
  const auto part = choose_part(file->info, *place, call, answer);
  if (!part)
    return std::nullopt;
  if (!*part)
    return answer;
  auto bytes = os::read_cached(file->fd.get(), (*part)->offset, (*part)->size);
  if (!bytes)
    return std::nullopt;
  answer.body = std::move(*bytes);
  return answer;
}

} // namespace outrigger
