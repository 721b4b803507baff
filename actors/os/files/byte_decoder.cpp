#include "actors/os/files/byte_decoder.hpp"

#include "actors/os/files/file_cursor.hpp"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace outrigger::os {

namespace {

enum class progress {
  going,     // as far as there was input and room
  ended,     // one whole packed stream; another may follow
  broken,    // no such stream
  too_large, // more memory than is allowed
};

/// What a codec is given, and how far it came.
struct exchange {
  const char* in;
  std::size_t in_size;
  char* out;
  std::size_t out_size;
};

template <class Byte>
Byte* as(const char* bytes) {
  return reinterpret_cast<Byte*>(const_cast<char*>(bytes));
}

class gzip_codec {
public:
  static bool begins(std::string_view start) {
    return start.starts_with("\x1f\x8b");
  }

  // 16: gzip's header and trailer, and nothing else.
  gzip_codec() { ::inflateInit2(&stream_, 16 + MAX_WBITS); }
  gzip_codec(const gzip_codec&) = delete;
  gzip_codec& operator=(const gzip_codec&) = delete;
  ~gzip_codec() { ::inflateEnd(&stream_); }

  void restart() { ::inflateReset(&stream_); }

  progress decode(exchange& bytes) {
    stream_.next_in = as<Bytef>(bytes.in);
    stream_.avail_in = static_cast<uInt>(bytes.in_size);
    stream_.next_out = as<Bytef>(bytes.out);
    stream_.avail_out = static_cast<uInt>(bytes.out_size);
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    bytes.in_size -= stream_.avail_in;
    bytes.out_size -= stream_.avail_out;
    if (status == Z_STREAM_END)
      return progress::ended;
    return status == Z_OK || status == Z_BUF_ERROR ? progress::going
                                                   : progress::broken;
  }

private:
  z_stream stream_{};
};

class bzip2_codec {
public:
  static bool begins(std::string_view start) {
    return start.starts_with("BZh");
  }

  bzip2_codec() { ::BZ2_bzDecompressInit(&stream_, 0, 0); }
  bzip2_codec(const bzip2_codec&) = delete;
  bzip2_codec& operator=(const bzip2_codec&) = delete;
  ~bzip2_codec() { ::BZ2_bzDecompressEnd(&stream_); }

  void restart() {
    ::BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    ::BZ2_bzDecompressInit(&stream_, 0, 0);
  }

  progress decode(exchange& bytes) {
    stream_.next_in = as<char>(bytes.in);
    stream_.avail_in = static_cast<unsigned>(bytes.in_size);
    stream_.next_out = bytes.out;
    stream_.avail_out = static_cast<unsigned>(bytes.out_size);
    const int status = ::BZ2_bzDecompress(&stream_);
    bytes.in_size -= stream_.avail_in;
    bytes.out_size -= stream_.avail_out;
    if (status == BZ_STREAM_END)
      return progress::ended;
    return status == BZ_OK ? progress::going : progress::broken;
  }

private:
  bz_stream stream_{};
};

class xz_codec {
public:
  static bool begins(std::string_view start) {
    return start.starts_with(std::string_view{"\xfd"
                                              "7zXZ\0",
                                              6});
  }

  xz_codec() { restart(); }
  xz_codec(const xz_codec&) = delete;
  xz_codec& operator=(const xz_codec&) = delete;
  ~xz_codec() { ::lzma_end(&stream_); }

  void restart() {
    ready_ =
        ::lzma_stream_decoder(&stream_, byte_decoder::max_memory, 0) == LZMA_OK;
  }

  progress decode(exchange& bytes) {
    if (!ready_)
      return progress::too_large;
    stream_.next_in = as<const std::uint8_t>(bytes.in);
    stream_.avail_in = bytes.in_size;
    stream_.next_out = as<std::uint8_t>(bytes.out);
    stream_.avail_out = bytes.out_size;
    const auto status = ::lzma_code(&stream_, LZMA_RUN);
    bytes.in_size -= stream_.avail_in;
    bytes.out_size -= stream_.avail_out;
    switch (status) {
    case LZMA_STREAM_END:
      return progress::ended;
    case LZMA_OK:
    case LZMA_BUF_ERROR:
      return progress::going;
    case LZMA_MEMLIMIT_ERROR:
    case LZMA_MEM_ERROR:
      return progress::too_large;
    default:
      return progress::broken;
    }
  }

private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

class zstd_codec {
public:
  static bool begins(std::string_view start) {
    return start.starts_with("\x28\xb5\x2f\xfd") ||
           // A frame to be passed over, as some programs put in front.
           (start.size() >= 4 && (start[0] & 0xf0) == 0x50 &&
            start.substr(1, 3) == "\x2a\x4d\x18");
  }

  zstd_codec() : context_(::ZSTD_createDCtx()) {
    constexpr int max_window = 26; // 64 MiB, of max_memory
    ::ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, max_window);
  }
  zstd_codec(const zstd_codec&) = delete;
  zstd_codec& operator=(const zstd_codec&) = delete;
  ~zstd_codec() { ::ZSTD_freeDCtx(context_); }

  void restart() { ::ZSTD_DCtx_reset(context_, ZSTD_reset_session_only); }

  progress decode(exchange& bytes) {
    ZSTD_inBuffer in{bytes.in, bytes.in_size, 0};
    ZSTD_outBuffer out{bytes.out, bytes.out_size, 0};
    const auto status = ::ZSTD_decompressStream(context_, &out, &in);
    bytes.in_size = in.pos;
    bytes.out_size = out.pos;
    if (::ZSTD_isError(status) == 0)
      return status == 0 ? progress::ended : progress::going;
    const auto error = ::ZSTD_getErrorCode(status);
    return error == ZSTD_error_frameParameter_windowTooLarge ||
                   error == ZSTD_error_memory_allocation
               ? progress::too_large
               : progress::broken;
  }

private:
  ZSTD_DCtx* context_;
};

/// Streams of one codec, one behind the other, as `cat` puts them together;
/// zeros between and behind them are padding.
template <class Codec>
class decoder final : public byte_decoder {
public:
  decoder(int fd, archive_complaint& complaint)
      : file_(fd), complaint_(complaint) {}

  result<std::size_t> read(char* to, std::size_t size) override {
    for (std::size_t idle = 0; idle <= max_idle;) {
      const auto ahead = file_.peek();
      if (!ahead)
        return complaint_.about_archive("cannot be read", ahead.error());
      if (between_) {
        if (ahead->empty())
          return 0;
        const auto taken = begin_next(*ahead);
        if (!taken)
          return taken.error();
        idle += *taken;
        continue;
      }
      // Also without input: there may be more to come of the last.
      exchange bytes{ahead->data(), ahead->size(), to, size};
      const auto status = codec_.decode(bytes);
      file_.take(bytes.in_size);
      idle += bytes.in_size;
      if (status == progress::too_large)
        return complaint_.about_archive("takes too much memory to unpack",
                                        errc::archive_limit);
      if (status == progress::broken)
        return complaint_.about_archive("is damaged");
      between_ = status == progress::ended;
      if (bytes.out_size > 0)
        return bytes.out_size;
      if (bytes.in_size == 0 && !between_)
        return complaint_.about_archive(ahead->empty() ? "ends in the middle"
                                                       : "is damaged");
    }
    return complaint_.about_archive("has nothing in it");
  }

  std::uint64_t position() const noexcept override { return file_.offset(); }

private:
  /// Passes over padding, or begins the next stream.
  result<std::size_t> begin_next(std::string_view ahead) {
    const auto zeros = std::min(ahead.find_first_not_of('\0'), ahead.size());
    if (zeros > 0) {
      file_.take(zeros);
      return zeros;
    }
    const auto start = file_.peek(magic_size);
    if (!start || !Codec::begins(*start))
      return complaint_.about_archive("has something behind its end");
    codec_.restart();
    between_ = false;
    return 0;
  }

  static constexpr std::size_t magic_size = 6;

  file_cursor file_;
  archive_complaint& complaint_;
  Codec codec_;
  bool between_ = false; // streams
};

class plain_bytes final : public byte_decoder {
public:
  plain_bytes(int fd, archive_complaint& complaint)
      : file_(fd), complaint_(complaint) {}

  result<std::size_t> read(char* to, std::size_t size) override {
    const auto ahead = file_.peek();
    if (!ahead)
      return complaint_.about_archive("cannot be read", ahead.error());
    const auto taken = std::min(size, ahead->size());
    std::memcpy(to, ahead->data(), taken);
    file_.take(taken);
    return taken;
  }

  std::uint64_t position() const noexcept override { return file_.offset(); }

private:
  file_cursor file_;
  archive_complaint& complaint_;
};

} // namespace

std::unique_ptr<byte_decoder> make_decoder(int fd,
                                           archive_complaint& complaint) {
  file_cursor file{fd};
  // An error comes again when the decoder reads.
  const auto ahead = file.peek(8);
  const auto start = ahead ? *ahead : std::string_view{};
  if (gzip_codec::begins(start))
    return std::make_unique<decoder<gzip_codec>>(fd, complaint);
  if (bzip2_codec::begins(start))
    return std::make_unique<decoder<bzip2_codec>>(fd, complaint);
  if (xz_codec::begins(start))
    return std::make_unique<decoder<xz_codec>>(fd, complaint);
  if (zstd_codec::begins(start))
    return std::make_unique<decoder<zstd_codec>>(fd, complaint);
  return std::make_unique<plain_bytes>(fd, complaint);
}

} // namespace outrigger::os
