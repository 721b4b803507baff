#include "actors/files/file_calls.hpp"

#include <algorithm>
#include <utility>

#include "actors/files/faults.hpp"
#include "protocol/http_conditions.hpp"
#include "protocol/limits.hpp"
#include "protocol/request_head.hpp"

namespace outrigger {
namespace {

error json_too_large() {
  return {errc::too_large, "JSON over " +
                               std::to_string(limits::max_json_write) +
                               " bytes: send the bytes themselves with PUT "
                               "/api/v1/files/{path}"};
}

class json_body final : public body_consumer {
public:
  json_body(file_context context, rest_call call, file_call then)
      : context_{std::move(context)}, call_{std::move(call)}, then_{then} {}

  result<void> take(std::string piece) override {
    if (call_.body.size() + piece.size() > limits::max_json_write)
      return json_too_large();
    if (call_.body.empty())
      call_.body = std::move(piece);
    else
      call_.body += piece;
    return {};
  }

  result<rest_answer> finish(std::stop_token stop) override {
    return then_(context_, call_, std::move(stop));
  }

private:
  file_context context_;
  rest_call call_;
  file_call then_;
};

} // namespace

file_route file_route_of(const rest_call& call) {
  switch (call.matched->id) {
  case route_id::files_list:
    return {pace::slow, oblien_list};
  case route_id::files_stream:
    return {pace::quick, oblien_stream};
  case route_id::files_read:
    return {pace::quick, oblien_read};
  case route_id::files_write:
    return {pace::quick, nullptr,
            [](const file_context& context, const rest_call& its) {
              return take_json(context, its, oblien_write);
            }};
  case route_id::files_mkdir:
    return {pace::quick, oblien_mkdir};
  case route_id::files_stat:
    return {pace::quick, oblien_stat};
  case route_id::files_delete:
    return {pace::slow, oblien_delete};
  case route_id::files_download:
    return {pace::quick, oblien_download};
  case route_id::files_upload:
    return {pace::quick, nullptr, oblien_upload};
  case route_id::runtime_tree:
    return {pace::slow, runtime_tree};
  case route_id::runtime_get:
    return {pace::quick, runtime_get};
  case route_id::runtime_put:
    return {pace::quick, nullptr,
            [](const file_context& context, const rest_call& its) {
              return is_json_type(its.fields.content_type)
                         ? take_json(context, its, runtime_put)
                         : runtime_raw_put(context, its);
            }};
  case route_id::runtime_put_batch:
    return {pace::quick, nullptr,
            [](const file_context& context, const rest_call& its) {
              return take_json(context, its, runtime_put_batch);
            }};
  case route_id::runtime_create:
    return {pace::quick, runtime_create};
  case route_id::runtime_delete:
    return {pace::slow, runtime_delete};
  case route_id::runtime_delete_batch:
    return {pace::slow, runtime_delete_batch};
  case route_id::runtime_copy:
    return {pace::slow, runtime_copy};
  case route_id::runtime_move:
    return {pace::slow, runtime_move};
  case route_id::runtime_extract:
    return {pace::quick, runtime_extract};
  case route_id::runtime_extract_show:
    return {pace::quick, runtime_extract_show};
  case route_id::runtime_upload:
    return {pace::quick, nullptr, runtime_upload};
  default:
    return {};
  }
}

file_entry to_entry(const os::file_info& info, std::string path) {
  file_entry entry;
  entry.path = std::move(path);
  switch (info.kind) {
  case os::file_kind::file:
    entry.kind = entry_kind::file;
    break;
  case os::file_kind::directory:
    entry.kind = entry_kind::directory;
    break;
  case os::file_kind::link:
    entry.kind = entry_kind::link;
    break;
  case os::file_kind::other:
    entry.kind = entry_kind::other;
    break;
  }
  entry.size = info.size;
  entry.modified_ns = info.modified_ns;
  entry.mode = info.mode;
  entry.version = os::version_of(info);
  return entry;
}

result<file_place> locate_machine(const file_context& context,
                                  const rest_call& call, std::string_view path,
                                  right wanted) {
  return context.files->locate(path, path_style::machine, call.who.scopes,
                               wanted);
}

result<file_place> locate_workspace(const file_context& context,
                                    const rest_call& call,
                                    std::string_view path, right wanted) {
  return context.files->locate(path, path_style::workspace, call.who.scopes,
                               wanted);
}

result<expectation> expect(const rest_call& call, std::string_view version) {
  expectation out;
  const auto& fields = call.fields;
  if (const auto* named = call.target.find("expectedVersionId");
      named && version.empty())
    version = *named;
  const auto match = parse_entity_tags(fields.if_match);
  if (!match)
    return match.error();
  const auto none = parse_entity_tags(fields.if_none_match);
  if (!none)
    return none.error();
  auto& condition = out.condition;
  condition.only_existing = !fields.if_match.empty();
  condition.versions = match->strong; // weak ones never match
  // A list that holds nothing that can match: no version is right.
  if (condition.only_existing && !match->any && condition.versions.empty())
    condition.versions.emplace_back();
  condition.only_new = out.only_new = none->any;
  condition.not_versions = none->strong;
  condition.not_versions.insert(condition.not_versions.end(),
                                none->weak.begin(), none->weak.end());
  if (!version.empty()) {
    out.by_body = true;
    condition.only_existing = true;
    std::string_view bare{version};
    if (bare.size() >= 2 && bare.front() == '"' && bare.back() == '"')
      bare = bare.substr(1, bare.size() - 2);
    condition.versions = {std::string{bare}};
  }
  return out;
}

error write_error(const std::error_code& what, const file_place& place,
                  const expectation& expected) {
  auto fault = fault_of(what);
  if (fault == file_fault::exists && expected.only_new)
    fault = file_fault::precondition;
  const bool version =
      fault == file_fault::precondition ||
      (fault == file_fault::not_found && expected.condition.only_existing);
  if (!version)
    return to_error(what, place.spelling);
  return file_error(expected.by_body ? file_fault::changed
                                     : file_fault::precondition,
                    place.spelling);
}

result<written_file> write_whole(const file_context& context,
                                 const file_place& place,
                                 std::string_view content,
                                 os::write_options how,
                                 const expectation& expected) {
  how.condition = expected.condition;
  auto writer =
      os::file_writer::begin(place.root, place.path, how, *context.pending);
  if (!writer)
    return write_error(writer.error(), place, expected);
  if (auto failed = writer->write(content))
    return to_error(failed, place.spelling);
  const auto written = writer->commit();
  if (!written)
    return write_error(written.error(), place, expected);
  return written_file{to_entry(*written, place.shown), !writer->replaces()};
}

void add_version(rest_answer& answer, const file_entry& file) {
  answer.fields.emplace_back("ETag", to_etag(file.version));
}

rest_answer not_modified(const file_entry& file) {
  rest_answer answer{304};
  add_version(answer, file);
  return answer;
}

result<std::unique_ptr<body_consumer>>
take_json(const file_context& context, const rest_call& call, file_call then) {
  if (!is_json_type(call.fields.content_type))
    return error{errc::media_type,
                 "Content-Type: application/json is required"};
  if (call.fields.content_length.value_or(0) > limits::max_json_write)
    return json_too_large();
  return std::make_unique<json_body>(context, call, then);
}

} // namespace outrigger
