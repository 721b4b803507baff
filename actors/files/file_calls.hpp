// The calls about files: for each route, what is done on a pool's thread. The
// dialects' requests and answers are in protocol/files; what they have in
// common is here. Used by the files desk.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "actors/files/file_pool.hpp"
#include "actors/files/file_stream.hpp"
#include "actors/files/operations.hpp"
#include "actors/files/type_cache.hpp"
#include "actors/files/workspace.hpp"
#include "actors/os/files/file_info.hpp"
#include "actors/os/files/file_writer.hpp"
#include "actors/os/files/pending_files.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/files/file_entry.hpp"

namespace outrigger {

/// What the calls work with. All of it may be used by any thread, but for the
/// pool, which calls only pass on.
struct file_context {
  std::shared_ptr<const workspace> files;
  std::shared_ptr<os::pending_files> pending;
  std::shared_ptr<file_pool> pool;
  std::shared_ptr<operations> extractions;
  std::shared_ptr<type_cache> types;
};

using file_call = result<rest_answer> (*)(const file_context&, const rest_call&,
                                          std::stop_token);
using file_upload = result<std::unique_ptr<body_consumer>> (*)(
    const file_context&, const rest_call&);

/// How a route's calls are run; at most one of the two is set.
struct file_route {
  pace how = pace::quick;
  file_call call = nullptr;
  file_upload upload = nullptr;
};
/// Null members for a route that is not about files.
[[nodiscard]] file_route file_route_of(const rest_call& call);

// -- what they have in common -------------------------------------------------

[[nodiscard]] file_entry to_entry(const os::file_info& info, std::string path);

/// A place for a call's path, in the style of its dialect.
[[nodiscard]] result<file_place> locate_machine(const file_context& context,
                                                const rest_call& call,
                                                std::string_view path,
                                                right wanted);
[[nodiscard]] result<file_place> locate_workspace(const file_context& context,
                                                  const rest_call& call,
                                                  std::string_view path,
                                                  right wanted);

/// What If-Match, If-None-Match and an expected version ask.
struct expectation {
  os::write_condition condition;
  bool by_body = false;  // a version was named by the body or the query
  bool only_new = false; // If-None-Match: *
};
/// `version`: the body's; if it has none, the query's counts.
[[nodiscard]] result<expectation> expect(const rest_call& call,
                                         std::string_view version = {});

/// A failed write as the client is told of it.
[[nodiscard]] error write_error(const std::error_code& what,
                                const file_place& place,
                                const expectation& expected);

/// A small file, written whole under the expectation's condition.
struct written_file {
  file_entry entry;
  bool created = false; // there was none
};
[[nodiscard]] result<written_file> write_whole(const file_context& context,
                                               const file_place& place,
                                               std::string_view content,
                                               os::write_options how,
                                               const expectation& expected);

/// The fields that name a version: ETag.
void add_version(rest_answer& answer, const file_entry& file);

/// Whether who reads a file knows this version of it already: 304.
/// Precondition: it is not the one that is wanted.
[[nodiscard]] result<bool> is_known(const rest_call& call,
                                    const file_place& place,
                                    const os::file_info& info);

/// What that one is answered.
[[nodiscard]] rest_answer not_modified(const file_entry& file);

/// The bytes of a file, or those a Range asks for; 304 and 412 as the request's
/// conditions want it.
[[nodiscard]] result<rest_answer> serve_file(const file_context& context,
                                             const file_place& place,
                                             const rest_call& call,
                                             bool as_attachment);

/// The same at once, on the loop's thread, if that takes neither the disk nor
/// waiting; null for everything else, errors included.
[[nodiscard]] std::optional<rest_answer>
serve_cached(const file_context& context, const rest_call& call);

/// A body of JSON that writes a file: taken in whole, then `then` is called
/// with it in call.body.
[[nodiscard]] result<std::unique_ptr<body_consumer>>
take_json(const file_context& context, const rest_call& call, file_call then);

// -- the terminals dialect ----------------------------------------------------

result<rest_answer> oblien_list(const file_context&, const rest_call&,
                                std::stop_token);
result<rest_answer> oblien_stream(const file_context&, const rest_call&,
                                  std::stop_token);
result<rest_answer> oblien_read(const file_context&, const rest_call&,
                                std::stop_token);
result<rest_answer> oblien_write(const file_context&, const rest_call&,
                                 std::stop_token);
result<rest_answer> oblien_mkdir(const file_context&, const rest_call&,
                                 std::stop_token);
result<rest_answer> oblien_stat(const file_context&, const rest_call&,
                                std::stop_token);
result<rest_answer> oblien_delete(const file_context&, const rest_call&,
                                  std::stop_token);
result<rest_answer> oblien_download(const file_context&, const rest_call&,
                                    std::stop_token);
result<std::unique_ptr<body_consumer>> oblien_upload(const file_context&,
                                                     const rest_call&);

// -- the runtime API ----------------------------------------------------------

result<rest_answer> runtime_tree(const file_context&, const rest_call&,
                                 std::stop_token);
result<rest_answer> runtime_get(const file_context&, const rest_call&,
                                std::stop_token);
result<rest_answer> runtime_put(const file_context&, const rest_call&,
                                std::stop_token);
result<rest_answer> runtime_put_batch(const file_context&, const rest_call&,
                                      std::stop_token);
result<rest_answer> runtime_create(const file_context&, const rest_call&,
                                   std::stop_token);
result<rest_answer> runtime_delete(const file_context&, const rest_call&,
                                   std::stop_token);
result<rest_answer> runtime_delete_batch(const file_context&, const rest_call&,
                                         std::stop_token);
result<rest_answer> runtime_copy(const file_context&, const rest_call&,
                                 std::stop_token);
result<rest_answer> runtime_move(const file_context&, const rest_call&,
                                 std::stop_token);
result<rest_answer> runtime_extract(const file_context&, const rest_call&,
                                    std::stop_token);
result<rest_answer> runtime_extract_show(const file_context&, const rest_call&,
                                         std::stop_token);
result<std::unique_ptr<body_consumer>> runtime_raw_put(const file_context&,
                                                       const rest_call&);
result<std::unique_ptr<body_consumer>> runtime_upload(const file_context&,
                                                      const rest_call&);

} // namespace outrigger
