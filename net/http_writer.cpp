#include "net/http_writer.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace outrigger {
namespace {

/// Handed to the kernel, which takes what it has room for.
constexpr std::size_t at_a_time = 1024 * 1024;

} // namespace

void write_all(stream& to, const written_pieces& bytes, written_function done) {
  std::array<asio::const_buffer, std::tuple_size_v<written_pieces>> buffers;
  std::size_t used = 0;
  for (const auto& piece : bytes) // TLS would make a record of an empty one
    if (!piece.empty())
      buffers[used++] = asio::buffer(piece.data(), piece.size());
  asio::async_write(
      to, buffers,
      [](error_code ec, std::size_t) { return ec ? 0 : at_a_time; },
      [done = std::move(done)](error_code ec, std::size_t) { done(ec); });
}

void write_continue(stream& to, written_function done) {
  write_all(to, {"HTTP/1.1 100 Continue\r\n\r\n"}, std::move(done));
}

} // namespace outrigger
