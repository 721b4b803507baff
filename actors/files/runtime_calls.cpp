// The calls of the runtime API about files, but for bodies of any size
// (raw_put, upload_form) and archives (transfer_calls); see file_calls.hpp.

#include <algorithm>
#include <utility>

#include "actors/files/faults.hpp"
#include "actors/files/file_calls.hpp"
#include "actors/files/ignore_filter.hpp"
#include "actors/os/files/content.hpp"
#include "actors/os/files/file_change.hpp"
#include "actors/os/files/file_read.hpp"
#include "actors/os/files/tree_walk.hpp"
#include "protocol/digest.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/files/runtime_answers.hpp"
#include "protocol/files/runtime_requests.hpp"
#include "protocol/limits.hpp"

namespace outrigger {
namespace {

/// As this API writes: with the folders on the way.
result<file_entry> put(const file_context& context, const file_place& place,
                       std::string_view content, bool durable,
                       const expectation& expected) {
  os::write_options how;
  how.create_folders = true;
  how.durable = durable;
  auto written = write_whole(context, place, content, how, expected);
  if (!written)
    return written.error();
  return std::move(written->entry);
}

/// Removes one entry; returns whether it was a folder.
result<bool> remove(const file_context& context, const rest_call& call,
                    std::string_view path, bool recursive, std::stop_token stop,
                    const expectation& expected, std::string& shown) {
  auto place = locate_workspace(context, call, path, right::use);
  if (!place)
    return place.error();
  if (auto ok = context.files->check_removable(*place); !ok)
    return ok.error();
  const auto info = os::info_of(place->root, place->path, false);
  if (!info)
    return write_error(info.error(), *place, expected);
  const auto removed = os::remove_entry(place->root, place->path, recursive,
                                        std::move(stop), expected.condition);
  if (!removed)
    return write_error(removed.error(), *place, expected);
  shown = place->shown;
  return info->kind == os::file_kind::directory;
}

/// Where a copy or a move begins and ends.
struct route_of_entry {
  file_place from;
  file_place to;
  bool directory = false;
};

/// An existing folder as the destination means into it.
result<route_of_entry> find_ends(const file_context& context,
                                 const rest_call& call,
                                 const transfer_body& body, right needed) {
  auto from = locate_workspace(context, call, body.source, needed);
  if (!from)
    return from.error();
  auto to = locate_workspace(context, call, body.destination, right::use);
  if (!to)
    return to.error();
  const auto info = os::info_of(from->root, from->path, false);
  if (!info)
    return to_error(info.error(), from->spelling);
  const auto target = os::info_of(to->root, to->path);
  if (target && target->kind == os::file_kind::directory &&
      from->shown != to->shown) {
    const auto inside =
        join_path(body.destination.empty() ? "/" : body.destination,
                  name_of(from->shown));
    to = locate_workspace(context, call, inside, right::use);
    if (!to)
      return to.error();
  }
  return route_of_entry{std::move(*from), std::move(*to),
                        info->kind == os::file_kind::directory};
}

/// What is replaced as a whole has to be there for the taking.
result<os::if_exists> policy_of(const file_context& context,
                                const route_of_entry& ends, bool overwrite) {
  if (!overwrite)
    return os::if_exists::refuse;
  if (os::info_of(ends.to.root, ends.to.path, false))
    if (auto ok = context.files->check_removable(ends.to); !ok)
      return ok.error();
  return os::if_exists::replace_all;
}

} // namespace

result<rest_answer> runtime_tree(const file_context& context,
                                 const rest_call& call, std::stop_token stop) {
  const auto query = parse_tree_query(call.target);
  if (!query)
    return query.error();
  auto place = locate_workspace(context, call, query->path, right::view);
  if (!place)
    return place.error();
  ignore_options ignored;
  ignored.gitignore = false;
  ignored.hidden = query->hidden;
  ignored.ignored_names = hidden_tree_names();
  ignore_filter filter{ignored};
  os::walk_options how;
  how.max_depth = query->max_depth + 1;
  how.fold_case = true;
  auto walk = os::tree_walk::begin(place->root, place->path, how, &filter);
  if (!walk)
    return to_error(walk.error(), place->spelling);
  tree_writer out{*query};
  bool truncated = false;
  while (const auto* entry = walk->next()) {
    truncated = out.count() == limits::max_listed_entries;
    if (truncated || stop.stop_requested())
      break;
    auto node = to_entry(entry->info, place->shown_below(entry->path));
    node.depth = entry->depth - 1;
    std::optional<bool> has_entries;
    if (node.kind == entry_kind::directory && entry->depth == how.max_depth)
      has_entries = os::has_entries(entry->folder, entry->name());
    out.add(node, has_entries);
  }
  return rest_answer{200, out.finish(truncated)};
}

result<rest_answer> runtime_get(const file_context& context,
                                const rest_call& call, std::stop_token) {
  const auto query = parse_content_query(call.target, call.id);
  if (!query)
    return query.error();
  auto place = locate_workspace(context, call, query->path, right::view);
  if (!place)
    return place.error();
  if (query->raw || (!call.fields.range.empty() && !call.head))
    return serve_file(context, *place, call, query->download);
  const auto file = os::open_regular(place->root, place->path);
  if (!file)
    return to_error(file.error(), place->spelling);
  auto entry = to_entry(file->info, place->shown);
  const auto known = is_known(call, *place, file->info);
  if (!known)
    return known.error();
  if (*known)
    return not_modified(entry);
  auto bytes = os::read_whole(file->fd.get(), limits::max_json_read);
  if (!bytes)
    return bytes.error() == std::errc::file_too_large
               ? file_error(file_fault::too_large, place->spelling,
                            "over 10 MiB: read it with raw=true")
               : to_error(bytes.error(), place->spelling);
  entry.hash = to_hex(sha256(*bytes));
  rest_answer answer{
      200, content_to_json(entry, to_shown(std::move(*bytes)), query->scope)};
  add_version(answer, entry);
  return answer;
}

result<rest_answer> runtime_put(const file_context& context,
                                const rest_call& call, std::stop_token) {
  const auto body = parse_put_body(call.body, call.id);
  if (!body)
    return body.error();
  auto place = locate_workspace(context, call, body->path, right::use);
  if (!place)
    return place.error();
  if (body->content.size() > limits::max_json_read) // as it is read
    return file_error(file_fault::too_large, place->spelling,
                      "over 10 MiB: put the bytes themselves");
  const auto expected = expect(call, body->expected_version);
  if (!expected)
    return expected.error();
  const auto file =
      put(context, *place, body->content, body->durable, *expected);
  if (!file)
    return file.error();
  rest_answer answer{200, put_to_json(*file, body->scope)};
  add_version(answer, *file);
  return answer;
}

result<rest_answer> runtime_put_batch(const file_context& context,
                                      const rest_call& call,
                                      std::stop_token stop) {
  const auto body = parse_batch_write(call.body);
  if (!body)
    return body.error();
  std::vector<batch_result> out;
  for (const auto& [path, content] : body->files) {
    auto& done = out.emplace_back(batch_result{path, {}, {}});
    if (!content || stop.stop_requested()) {
      done.failure = content ? "not done in time" : "content is missing";
      continue;
    }
    const auto place = locate_workspace(context, call, path, right::use);
    const auto file = place ? put(context, *place, *content, false, {})
                            : result<file_entry>{place.error()};
    if (file)
      done.size = file->size;
    else
      done.failure = file.error().detail;
  }
  return rest_answer{200, batch_to_json(out, {})};
}

result<rest_answer> runtime_create(const file_context& context,
                                   const rest_call& call, std::stop_token) {
  const auto body = parse_create_body(call.body);
  if (!body)
    return body.error();
  auto place = locate_workspace(context, call, body->path, right::use);
  if (!place)
    return place.error();
  // The last one must be new, those it is in need not be.
  if (os::info_of(place->root, place->path, false))
    return file_error(file_fault::exists, place->spelling);
  result<file_entry> file = file_entry{};
  if (body->directory) {
    if (auto failed = os::make_folder(place->root, place->path, true))
      return to_error(failed, place->spelling);
    const auto info = os::info_of(place->root, place->path);
    if (!info)
      return to_error(info.error(), place->spelling);
    file = to_entry(*info, place->shown);
  } else {
    expectation only_new;
    only_new.condition.only_new = true;
    file = put(context, *place, body->content, false, only_new);
  }
  if (!file)
    return file.error();
  rest_answer answer{201, created_to_json(*file, body->scope)};
  if (!body->directory)
    add_version(answer, *file);
  return answer;
}

result<rest_answer> runtime_delete(const file_context& context,
                                   const rest_call& call,
                                   std::stop_token stop) {
  const auto query = parse_delete_query(call.target, call.id);
  if (!query)
    return query.error();
  const auto expected = expect(call);
  if (!expected)
    return expected.error();
  std::string shown;
  const auto directory = remove(context, call, query->path, query->recursive,
                                std::move(stop), *expected, shown);
  if (!directory)
    return directory.error();
  return rest_answer{200, deleted_to_json(shown, *directory, query->scope)};
}

result<rest_answer> runtime_delete_batch(const file_context& context,
                                         const rest_call& call,
                                         std::stop_token stop) {
  const auto body = parse_batch_delete(call.body);
  if (!body)
    return body.error();
  std::vector<batch_result> out;
  for (const auto& path : body->paths) {
    auto& done = out.emplace_back(batch_result{path, {}, {}});
    std::string shown;
    const auto removed =
        remove(context, call, path, body->recursive, stop, {}, shown);
    if (!removed)
      done.failure = removed.error().detail;
  }
  return rest_answer{200, batch_to_json(out, "deleted")};
}

result<rest_answer> runtime_copy(const file_context& context,
                                 const rest_call& call, std::stop_token stop) {
  const auto body = parse_transfer_body(call.body, "copy");
  if (!body)
    return body.error();
  const auto ends = find_ends(context, call, *body, right::view);
  if (!ends)
    return ends.error();
  const auto policy = policy_of(context, *ends, body->overwrite);
  if (!policy)
    return policy.error();
  const auto done = os::copy_entry(ends->from.root, ends->from.path,
                                   ends->to.root, ends->to.path, *policy, true,
                                   *context.pending, std::move(stop));
  if (!done)
    return to_error(done.error(), fault_of(done.error()) == file_fault::exists
                                      ? ends->to.spelling
                                      : ends->from.spelling);
  return rest_answer{200, transferred_to_json(*body, ends->from.shown,
                                              ends->to.shown, ends->directory)};
}

result<rest_answer> runtime_move(const file_context& context,
                                 const rest_call& call, std::stop_token stop) {
  const auto body = parse_transfer_body(call.body, "move");
  if (!body)
    return body.error();
  const auto ends = find_ends(context, call, *body, right::use);
  if (!ends)
    return ends.error();
  if (auto ok = context.files->check_removable(ends->from); !ok)
    return ok.error();
  const auto policy = policy_of(context, *ends, body->overwrite);
  if (!policy)
    return policy.error();
  const auto failed = os::move_entry(ends->from.root, ends->from.path,
                                     ends->to.root, ends->to.path, *policy,
                                     true, *context.pending, std::move(stop));
  if (failed)
    return to_error(failed, fault_of(failed) == file_fault::exists
                                ? ends->to.spelling
                                : ends->from.spelling);
  return rest_answer{200, transferred_to_json(*body, ends->from.shown,
                                              ends->to.shown, ends->directory)};
}

} // namespace outrigger
