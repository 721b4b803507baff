#include "net/http_exchange.hpp"

#include <utility>

#include "net/call_fields.hpp"
#include "protocol/access_line.hpp"
#include "protocol/request_head.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;

std::string_view to_view(beast::string_view s) {
  return {s.data(), s.size()};
}

bool takes_json(const http_request& request) {
  return request.method() == http::verb::post ||
         request.method() == http::verb::put ||
         request.method() == http::verb::patch;
}

} // namespace

const route* http_exchange::row() const {
  return admitted ? admitted->where.matched : nullptr;
}

bool http_exchange::only_looks() const {
  return request.method() == http::verb::get ||
         request.method() == http::verb::head;
}

std::string_view http_exchange::path() const {
  if (row())
    return admitted->where.canonical;
  const auto target = to_view(request.target());
  return target.substr(0, target.find('?'));
}

result<void> http_exchange::check_type() const {
  if (takes_json(request) && !request.body().empty() &&
      (request.count(http::field::content_type) != 1 ||
       !is_json_type(to_view(request[http::field::content_type]))))
    return error{errc::media_type,
                 "Content-Type: application/json is required"};
  return {};
}

http_answer http_exchange::to_asset() const {
  return to_answer(serve_asset(admitted->where.canonical,
                               to_view(request[http::field::accept_encoding]),
                               to_view(request[http::field::if_none_match])));
}

rest_call
http_exchange::to_rest_call(std::optional<std::uint64_t> content_length) {
  return {row(),
          admitted->where.id,
          std::move(admitted->target),
          std::move(request.body()),
          admitted->who,
          request.method() == http::verb::head,
          call_fields(request.base(), content_length)};
}

socket_call http_exchange::to_socket_call(credential_check check) const {
  return {admitted->target,
          admitted->where.oblien,
          request.count(http::field::authorization) > 0,
          request.count("X-API-Key") > 0 || request.count("X-VM-Name") > 0 ||
              request.count("X-Container-Name") > 0,
          admitted->who,
          std::move(check),
          row()};
}

void http_exchange::count(edge_meters& counted, unsigned status) const {
  ++counted.answers[{row(), status}];
  counted.durations[row()].observe(std::chrono::steady_clock::now() - began);
}

void http_exchange::log(const server_context& context, const peer& from,
                        unsigned status, std::uint64_t size) const {
  if (!context.log_access)
    return;
  access_line line;
  line.request_id = id;
  line.method = to_view(request.method_string());
  if (row())
    line.path = admitted->where.canonical;
  line.status = status;
  line.bytes = size;
  line.duration = std::chrono::steady_clock::now() - began;
  line.remote = from.from.text;
  if (admitted)
    line.who = admitted->who.name;
  context.log_access(line);
}

} // namespace outrigger
