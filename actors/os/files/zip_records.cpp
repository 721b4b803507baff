#include "actors/os/files/zip_records.hpp"

#include <ctime>

namespace outrigger::os {

namespace {

constexpr std::uint16_t zip64_extra = 0x0001;
constexpr std::uint16_t time_extra = 0x5455;

/// Reads numbers, one after another. Its bytes are enough: the caller saw to
/// that.
class number_reader {
public:
  explicit number_reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t take(std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
      value = (value << 8) | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(size);
    return value;
  }
  std::uint8_t take8() { return static_cast<std::uint8_t>(take(1)); }
  std::uint16_t take16() { return static_cast<std::uint16_t>(take(2)); }
  std::uint32_t take32() { return static_cast<std::uint32_t>(take(4)); }
  void skip(std::size_t size) { rest_.remove_prefix(size); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
};

bool is_record(std::string_view bytes, std::string_view mark,
               std::size_t size) {
  return bytes.size() >= size && bytes.starts_with(mark);
}

/// The content of an extra field; null when there is none of this kind.
std::optional<std::string_view> find_extra(std::string_view extra,
                                           std::uint16_t kind) {
  while (extra.size() >= 4) {
    number_reader head{extra};
    const auto found = head.take16();
    const std::size_t size = head.take16();
    extra = head.rest();
    if (size > extra.size())
      return std::nullopt;
    if (found == kind)
      return extra.substr(0, size);
    extra.remove_prefix(size);
  }
  return std::nullopt;
}

std::optional<std::int64_t> from_dos(std::uint16_t time, std::uint16_t date) {
  std::tm parts{};
  parts.tm_sec = (time & 0x1f) * 2;
  parts.tm_min = (time >> 5) & 0x3f;
  parts.tm_hour = time >> 11;
  parts.tm_mday = date & 0x1f;
  parts.tm_mon = ((date >> 5) & 0x0f) - 1;
  parts.tm_year = (date >> 9) + 80;
  parts.tm_isdst = -1;
  if (parts.tm_mday == 0 || parts.tm_mon < 0 || parts.tm_mon > 11)
    return std::nullopt;
  const auto seconds = std::mktime(&parts);
  if (seconds == -1)
    return std::nullopt;
  return seconds;
}

} // namespace

std::optional<zip_local> parse_zip_local(std::string_view bytes) {
  if (!is_record(bytes, zip_local_mark, zip_local_size))
    return std::nullopt;
  number_reader in{bytes};
  zip_local header{};
  in.skip(6); // mark, version
  header.flags = in.take16();
  header.method = in.take16();
  in.skip(16); // what the central header says as well
  header.name_size = in.take16();
  header.extra_size = in.take16();
  return header;
}

std::optional<zip_central> parse_zip_central(std::string_view bytes) {
  if (!is_record(bytes, zip_central_mark, zip_central_size))
    return std::nullopt;
  number_reader in{bytes};
  zip_central header{};
  in.skip(5); // mark, version of what made it
  header.made_on = in.take8();
  in.skip(2); // version needed
  header.flags = in.take16();
  header.method = in.take16();
  header.dos_time = in.take16();
  header.dos_date = in.take16();
  header.checksum = in.take32();
  header.packed_size = in.take32();
  header.size = in.take32();
  header.name_size = in.take16();
  header.extra_size = in.take16();
  header.comment_size = in.take16();
  header.disk = in.take16();
  in.skip(2); // internal attributes
  header.attributes = in.take32();
  header.offset = in.take32();
  return header;
}

std::optional<zip_end> parse_zip_end(std::string_view bytes) {
  if (!is_record(bytes, zip_end_mark, zip_end_size))
    return std::nullopt;
  number_reader in{bytes};
  zip_end end{};
  in.skip(4);
  end.disk = in.take16();
  end.first_disk = in.take16();
  end.disk_members = in.take16();
  end.members = in.take16();
  end.directory_size = in.take32();
  end.directory_offset = in.take32();
  return end;
}

std::optional<zip_end> parse_zip64_end(std::string_view bytes) {
  if (!is_record(bytes, zip64_end_mark, zip64_end_size))
    return std::nullopt;
  number_reader in{bytes};
  zip_end end{};
  in.skip(16); // mark, its size, versions
  end.disk = in.take32();
  end.first_disk = in.take32();
  end.disk_members = in.take(8);
  end.members = in.take(8);
  end.directory_size = in.take(8);
  end.directory_offset = in.take(8);
  return end;
}

std::optional<std::uint64_t> parse_zip64_locator(std::string_view bytes) {
  if (!is_record(bytes, zip64_locator_mark, zip64_locator_size))
    return std::nullopt;
  number_reader in{bytes};
  in.skip(4);
  const auto disk = in.take32();
  const auto offset = in.take(8);
  const auto disks = in.take32();
  if (disk != 0 || disks > 1)
    return std::nullopt;
  return offset;
}

std::optional<std::size_t> find_zip_end(std::string_view tail) {
  for (auto at = tail.rfind(zip_end_mark); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos
                    : tail.rfind(zip_end_mark, at - 1)) {
    if (tail.size() - at < zip_end_size)
      continue;
    number_reader in{tail.substr(at + zip_end_size - 2)};
    const std::size_t comment_size = in.take16();
    if (at + zip_end_size + comment_size == tail.size())
      return at;
  }
  return std::nullopt;
}

bool widen(zip_central& header, std::string_view extra) {
  constexpr std::uint64_t full = 0xffff'ffff;
  std::uint64_t* const wide[] = {&header.size, &header.packed_size,
                                 &header.offset};
  const auto field = find_extra(extra, zip64_extra);
  number_reader in{field.value_or(std::string_view{})};
  for (auto* number : wide) {
    if (*number != full)
      continue;
    if (in.rest().size() < 8)
      return false;
    *number = in.take(8);
  }
  if (header.disk == 0xffff) {
    if (in.rest().size() < 4)
      return false;
    header.disk = in.take32();
  }
  return true;
}

std::optional<std::int64_t> zip_modified(const zip_central& header,
                                         std::string_view extra) {
  const auto field = find_extra(extra, time_extra);
  if (field && field->size() >= 5 && (field->front() & 1) != 0) {
    number_reader in{field->substr(1)};
    return static_cast<std::int32_t>(in.take32());
  }
  return from_dos(header.dos_time, header.dos_date);
}

} // namespace outrigger::os
