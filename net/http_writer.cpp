#include "net/http_writer.hpp"

#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/write.hpp>

namespace outrigger {
namespace {

namespace http = beast::http;

template <class Body>
void write(stream& to, http::response<Body> answer, bool header_only,
           written_function done) {
  auto kept = std::make_shared<http::response<Body>>(std::move(answer));
  auto serializer = std::make_shared<http::response_serializer<Body>>(*kept);
  serializer->split(header_only);
  auto written = [kept, serializer, done = std::move(done)](
                     error_code ec, std::size_t) { done(ec); };
  if (header_only) // the same, Content-Length included
    http::async_write_header(to, *serializer, std::move(written));
  else
    http::async_write(to, *serializer, std::move(written));
}

} // namespace

void write_continue(stream& to, written_function done) {
  static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(
      to, asio::buffer(line),
      [done = std::move(done)](error_code ec, std::size_t) { done(ec); });
}

void write_answer(stream& to, json_response answer, bool header_only,
                  written_function done) {
  write(to, std::move(answer), header_only, std::move(done));
}

void write_answer(stream& to, asset_response answer, bool header_only,
                  written_function done) {
  write(to, std::move(answer), header_only, std::move(done));
}

} // namespace outrigger
