#include "actors/os/files/gzip_stream.hpp"

#include <zlib.h>

#include <array>
#include <new>

namespace outrigger::os {

namespace {

constexpr int level = 1;
constexpr int gzip_header = 16; // instead of zlib's
constexpr int memory_level = 8; // as everybody

} // namespace

struct gzip_stream::state {
  state() {
    if (::deflateInit2(&stream, level, Z_DEFLATED, gzip_header + MAX_WBITS,
                       memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc{}; // there is no other reason
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { ::deflateEnd(&stream); }

  z_stream stream{};
  std::array<char, 32 * 1024> out;
};

gzip_stream::gzip_stream() : state_(std::make_unique<state>()) {}
gzip_stream::gzip_stream(gzip_stream&&) noexcept = default;
gzip_stream& gzip_stream::operator=(gzip_stream&&) noexcept = default;
gzip_stream::~gzip_stream() = default;

void gzip_stream::run(int mode, std::string& out) {
  auto& stream = state_->stream;
  do {
    auto& room = state_->out;
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    ::deflate(&stream, mode); // cannot fail: there is room, the state is ours
    out.append(room.data(), room.size() - stream.avail_out);
  } while (stream.avail_out == 0);
}

void gzip_stream::add(std::string_view bytes, std::string& out) {
  auto& stream = state_->stream;
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // only read
  stream.avail_in = static_cast<uInt>(bytes.size());
  run(Z_NO_FLUSH, out);
}

void gzip_stream::flush(std::string& out) {
  run(Z_SYNC_FLUSH, out);
}

void gzip_stream::finish(std::string& out) {
  run(Z_FINISH, out);
}

} // namespace outrigger::os
