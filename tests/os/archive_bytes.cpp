#include "tests/os/archive_bytes.hpp"

#include <catch2/catch.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace outrigger::os::test {

namespace {

constexpr std::size_t block = 512;

void put(std::string& header, std::size_t at, std::string_view text) {
  header.replace(at, text.size(), text);
}

std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (auto at = digits; at-- > 0; value >>= 3)
    text[at] = static_cast<char>('0' + (value & 7));
  if (value != 0)
    FAIL("too large for its field");
  return text;
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + block - 1) / block * block);
  return bytes;
}

std::string little(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (; size > 0; --size, value >>= 8)
    bytes += static_cast<char>(value & 0xff);
  return bytes;
}

std::string deflated(std::string_view bytes, int window, int level) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, level, Z_DEFLATED, window, 8,
                         Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()),
              static_cast<uInt>(bytes.size())));
}

/// The part that both headers of a member have.
std::string zip_numbers(const zip_entry& entry, const std::string& data) {
  const std::uint16_t method =
      entry.method.value_or(static_cast<std::uint16_t>(entry.deflated ? 8 : 0));
  constexpr std::uint16_t date = (2023 - 1980) << 9 | 11 << 5 | 14;
  return little(entry.flags, 2) + little(method, 2) + little(0, 2) +
         little(date, 2) +
         little(entry.checksum.value_or(checksum(entry.content)), 4) +
         little(data.size(), 4) +
         little(entry.size.value_or(
                    static_cast<std::uint32_t>(entry.content.size())),
                4);
}

} // namespace

std::string tar_member(const tar_entry& entry) {
  std::string before;
  if (entry.name.size() > 100)
    before = tar_member({"././@LongLink", entry.name + '\0', 'L'});
  if (entry.target.size() > 100)
    before += tar_member({"././@LongLink", entry.target + '\0', 'K'});
  std::string header(block, '\0');
  put(header, 0, std::string_view{entry.name}.substr(0, 100));
  put(header, 100, octal(entry.mode, 7));
  put(header, 108, octal(0, 7));
  put(header, 116, octal(0, 7));
  put(header, 124, octal(entry.size.value_or(entry.content.size()), 11));
  put(header, 136, octal(static_cast<std::uint64_t>(entry.modified), 11));
  put(header, 148, "        ");
  header[156] = entry.type;
  put(header, 157, std::string_view{entry.target}.substr(0, 100));
  put(header, 257, std::string_view{"ustar  \0", 8});
  unsigned sum = 0;
  for (const unsigned char byte : header)
    sum += byte;
  put(header, 148, octal(sum, 6) + '\0');
  return before + header + padded(entry.content);
}

std::string tar_bytes(const std::vector<tar_entry>& entries) {
  std::string bytes;
  for (const auto& entry : entries)
    bytes += tar_member(entry);
  return bytes + tar_end;
}

std::string pax_bytes(const std::vector<std::string>& attributes) {
  std::string content;
  for (const auto& attribute : attributes) {
    // The length counts its own digits.
    auto size = attribute.size() + 2;
    size += std::to_string(size).size();
    if (std::to_string(size).size() + attribute.size() + 2 > size)
      ++size;
    content += std::to_string(size) + " " + attribute + "\n";
  }
  auto bytes = tar_member({"pax", content, 'x'});
  return bytes;
}

std::string zip_bytes(const std::vector<zip_entry>& entries,
                      const zip_shape& shape) {
  std::string bytes = shape.front;
  std::string directory;
  for (const auto& entry : entries) {
    const auto data =
        entry.deflated ? deflated(entry.content, -MAX_WBITS, 6) : entry.content;
    const auto numbers = zip_numbers(entry, data);
    const auto& local = entry.local_name ? *entry.local_name : entry.name;
    const auto offset = entry.offset.value_or(
        static_cast<std::uint32_t>(bytes.size() - shape.front.size()));
    bytes += "PK\3\4" + little(20, 2) + numbers + little(local.size(), 2) +
             little(0, 2) + local + data;
    constexpr std::size_t unix_made = 3 << 8 | 30;
    directory += "PK\1\2" + little(unix_made, 2) + little(20, 2) + numbers +
                 little(entry.name.size(), 2) + little(0, 2) + little(0, 2) +
                 little(0, 2) + little(0, 2) +
                 little(std::uint64_t{entry.mode} << 16, 4) +
                 little(offset, 4) + entry.name;
  }
  const auto begin = bytes.size() - shape.front.size();
  bytes += directory;
  if (shape.wide)
    bytes += "PK\6\6" + little(44, 8) + little(45, 2) + little(45, 2) +
             little(0, 4) + little(0, 4) + little(entries.size(), 8) +
             little(entries.size(), 8) + little(directory.size(), 8) +
             little(begin, 8) + "PK\6\7" + little(0, 4) +
             little(begin + directory.size(), 8) + little(1, 4);
  const std::uint64_t count = shape.members.value_or(
      static_cast<std::uint16_t>(shape.wide ? 0xffff : entries.size()));
  return bytes + "PK\5\6" + little(0, 4) + little(count, 2) + little(count, 2) +
         little(shape.wide ? 0xffff'ffff : directory.size(), 4) +
         little(shape.wide ? 0xffff'ffff : begin, 4) +
         little(shape.comment.size(), 2) + shape.comment;
}

std::string gzip_bytes(std::string_view bytes, int level) {
  return deflated(bytes, 16 + MAX_WBITS, level);
}

} // namespace outrigger::os::test
