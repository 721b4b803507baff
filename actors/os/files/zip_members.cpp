#include "actors/os/files/zip_members.hpp"

#include "actors/os/files/file_read.hpp"
#include "actors/os/files/root_dir.hpp"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>

namespace outrigger::os {

namespace {

constexpr std::size_t buffer_size = 64 * 1024;

/// How much of a stream may be read without a byte to show for it.
constexpr std::size_t max_idle = std::size_t{4} << 20;

enum : std::uint16_t { stored_method = 0, deflated_method = 8 };

/// Encrypted, strongly so, or with headers that are.
constexpr std::uint16_t encrypted_flags = 1 | 1 << 6 | 1 << 13;

/// Systems whose attributes have permissions: Unix and macOS.
constexpr bool has_modes(std::uint8_t system) {
  return system == 3 || system == 19;
}

constexpr std::uint32_t dos_folder = 0x10;

member_kind kind_of(const zip_central& header, std::string_view name) {
  const mode_t mode = header.attributes >> 16;
  const auto type = has_modes(header.made_on) ? mode & S_IFMT : 0;
  if (type == S_IFLNK)
    return member_kind::link;
  if (name.ends_with('/') || type == S_IFDIR ||
      (type == 0 && (header.attributes & dos_folder) != 0))
    return member_kind::folder;
  return type == 0 || type == S_IFREG ? member_kind::file
                                      : member_kind::special;
}

mode_t mode_of(const zip_central& header, member_kind kind) {
  const mode_t mode = header.attributes >> 16;
  if (has_modes(header.made_on) && mode != 0)
    return mode & 07777;
  return kind == member_kind::folder ? 0755 : 0644;
}

std::optional<std::int64_t> to_ns(std::optional<std::int64_t> seconds) {
  // 33 bits of seconds at the most.
  return seconds ? std::optional{*seconds * 1'000'000'000} : std::nullopt;
}

} // namespace

class inflater {
public:
  inflater() { ready_ = ::inflateInit2(&stream_, -MAX_WBITS) == Z_OK; }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() { ::inflateEnd(&stream_); }

  /// Before each stream.
  void restart() {
    ::inflateReset(&stream_);
    ended_ = false;
  }

  /// Null: damaged. Takes its input from the cursor.
  std::optional<std::size_t> read(file_cursor& from, std::vector<char>& to) {
    for (std::size_t idle = 0; ready_ && !ended_ && idle <= max_idle;) {
      const auto ahead = from.peek();
      if (!ahead)
        return std::nullopt;
      stream_.next_in = reinterpret_cast<Bytef*>(
          const_cast<char*>(ahead->data())); // is not written to
      stream_.avail_in = static_cast<uInt>(ahead->size());
      stream_.next_out = reinterpret_cast<Bytef*>(to.data());
      stream_.avail_out = static_cast<uInt>(to.size());
      const int status = ::inflate(&stream_, Z_NO_FLUSH);
      from.take(ahead->size() - stream_.avail_in);
      idle += ahead->size() - stream_.avail_in;
      ended_ = status == Z_STREAM_END;
      if (!ended_ && status != Z_OK)
        return std::nullopt; // also when there was no input left
      if (stream_.avail_out < to.size())
        return to.size() - stream_.avail_out;
    }
    return ended_ ? std::optional<std::size_t>{0} : std::nullopt;
  }

private:
  z_stream stream_{};
  bool ready_ = false;
  bool ended_ = false;
};

bool looks_like_zip(std::string_view start) {
  return start.starts_with(zip_local_mark) || start.starts_with(zip_end_mark);
}

zip_members::zip_members(int fd, const archive_limits& limits,
                         archive_complaint& complaint)
    : fd_(fd), limits_(limits), complaint_(complaint), data_(fd),
      inflater_(std::make_unique<inflater>()), buffer_(buffer_size) {}

zip_members::~zip_members() = default;

std::error_code zip_members::damaged(std::string_view what) {
  return name_.empty() ? complaint_.about_archive(what)
                       : complaint_.about(name_, what);
}

std::error_code zip_members::find_directory() {
  const auto info = info_of(fd_);
  if (!info)
    return complaint_.about_archive("cannot be read", info.error());
  const auto size = info->size;
  // With the longest comment there is, and what may be before it.
  constexpr std::size_t tail_size =
      zip64_locator_size + zip_end_size + UINT16_MAX;
  const auto tail_begin = size - std::min<std::uint64_t>(size, tail_size);
  const auto tail = read_at(fd_, tail_begin, tail_size);
  if (!tail)
    return complaint_.about_archive("cannot be read", tail.error());
  const auto at = find_zip_end(*tail);
  const auto end =
      at ? parse_zip_end(std::string_view{*tail}.substr(*at)) : std::nullopt;
  if (!end)
    return damaged("ends in the middle");
  const auto end_offset = tail_begin + *at;
  if (*at < zip64_locator_size)
    return take_directory(*end, end_offset);
  const auto wide = parse_zip64_locator(
      std::string_view{*tail}.substr(*at - zip64_locator_size));
  if (!wide)
    return take_directory(*end, end_offset);
  const auto record = read_at(fd_, *wide, zip64_end_size);
  const auto wide_end = record ? parse_zip64_end(*record) : std::nullopt;
  // A number that fits is the same in both.
  const auto agrees = [](std::uint64_t narrow, std::uint64_t other,
                         std::uint64_t full) {
    return narrow == full || narrow == other;
  };
  if (!wide_end ||
      !agrees(end->directory_size, wide_end->directory_size, UINT32_MAX) ||
      !agrees(end->directory_offset, wide_end->directory_offset, UINT32_MAX) ||
      !agrees(end->members, wide_end->members, UINT16_MAX))
    return damaged();
  members_wide_ = true;
  return take_directory(*wide_end, *wide);
}

std::error_code zip_members::take_directory(const zip_end& end,
                                            std::uint64_t end_offset) {
  if (end.disk != 0 || end.first_disk != 0 || end.disk_members != end.members)
    return damaged("is a part of several");
  // Nothing in between, and nothing in front of it all.
  if (end.directory_offset > end_offset ||
      end.directory_size != end_offset - end.directory_offset)
    return damaged();
  // Known before the first is unpacked, unlike in a tar.
  if (end.members > limits_.max_members)
    return complaint_.about_archive(
        "has more than " + std::to_string(limits_.max_members) + " entries",
        errc::archive_limit);
  directory_begin_ = end.directory_offset;
  members_ = end.members;
  directory_.emplace(fd_, directory_begin_, end_offset);
  return {};
}

std::error_code zip_members::read_header(archive_member& member) {
  const auto fixed = directory_->peek(zip_central_size);
  const auto parsed = fixed ? parse_zip_central(*fixed) : std::nullopt;
  if (!parsed)
    return damaged("is followed by damage");
  auto& header = header_;
  header = *parsed;
  directory_->take(zip_central_size);
  name_.clear(); // a complaint about the archive, not about the one before
  // A name that is too long would be refused anyway.
  if (header.name_size > limits_.max_name + 1)
    return complaint_.about_archive("has a name of more than " +
                                        std::to_string(limits_.max_name) +
                                        " bytes",
                                    errc::archive_limit);
  const auto name = directory_->peek(header.name_size);
  if (!name || name->size() < header.name_size)
    return damaged();
  name_ = name->substr(0, header.name_size);
  directory_->take(header.name_size);
  const auto extra = directory_->peek(header.extra_size);
  if (!extra || extra->size() < header.extra_size)
    return damaged();
  const auto extras = extra->substr(0, header.extra_size);
  if (!widen(header, extras))
    return damaged();
  member = {};
  member.name = name_;
  member.kind = kind_of(header, name_);
  member.mode = mode_of(header, member.kind);
  member.size = header.size;
  member.modified_ns = to_ns(zip_modified(header, extras));
  directory_->take(header.extra_size);
  const auto comment = directory_->peek(header.comment_size);
  if (!comment || comment->size() < header.comment_size)
    return damaged();
  directory_->take(header.comment_size);
  return check_header();
}

std::error_code zip_members::check_header() {
  const auto& header = header_;
  if ((header.flags & encrypted_flags) != 0)
    return damaged("is encrypted");
  if (header.method != stored_method && header.method != deflated_method)
    return damaged("is packed by an unusual method: only stored and deflated "
                   "ones are taken");
  if (header.disk != 0)
    return damaged("is in another part of the archive");
  if (header.method == stored_method && header.packed_size != header.size)
    return damaged();
  return {};
}

/// Goes to the data, by the header in front of them.
std::error_code zip_members::open_data() {
  const auto& header = header_;
  const auto fixed_size = zip_local_size + header.name_size;
  data_.move(header.offset, directory_begin_);
  const auto ahead = data_.peek(fixed_size);
  const auto local = ahead ? parse_zip_local(*ahead) : std::nullopt;
  if (!local || ahead->size() < fixed_size)
    return damaged();
  if (local->method != header.method ||
      ((local->flags ^ header.flags) & encrypted_flags) != 0 ||
      local->name_size != header.name_size ||
      ahead->substr(zip_local_size, header.name_size) != name_)
    return damaged("has two headers that say different things");
  const auto begin = header.offset + fixed_size + local->extra_size;
  if (begin > directory_begin_ || header.packed_size > directory_begin_ - begin)
    return damaged();
  data_.move(begin, begin + header.packed_size);
  done_ = 0;
  checksum_ = 0;
  inflater_->restart();
  return {};
}

result<next_member> zip_members::next(archive_member& member) {
  if (!directory_)
    if (auto error = find_directory())
      return error;
  const auto ahead = directory_->peek();
  if (!ahead)
    return complaint_.about_archive("cannot be read", ahead.error());
  if (ahead->empty()) {
    name_.clear();
    // Where they are more than 16 bits can say, the upper ones are missing.
    if (members_wide_ ? members_ != found_ : members_ != (found_ & UINT16_MAX))
      return damaged("has not as many members as it says");
    return next_member::none;
  }
  if (auto error = read_header(member))
    return error;
  ++found_;
  if (auto error = open_data())
    return error;
  if (member.kind == member_kind::link)
    if (auto error = read_target(member))
      return error;
  return next_member::found;
}

/// The content of a link is where it leads.
std::error_code zip_members::read_target(archive_member& member) {
  if (member.size > max_path)
    return damaged("is a link to no path");
  for (;;) {
    const auto piece = read();
    if (!piece)
      return piece.error();
    if (piece->bytes.empty())
      return {};
    member.target += piece->bytes;
  }
}

result<std::string_view> zip_members::stored() {
  const auto ahead = data_.peek();
  if (!ahead)
    return complaint_.about_archive("cannot be read", ahead.error());
  data_.take(ahead->size());
  return *ahead;
}

result<std::string_view> zip_members::inflated() {
  const auto size = inflater_->read(data_, buffer_);
  if (!size)
    return damaged();
  return std::string_view{buffer_.data(), *size};
}

result<member_piece> zip_members::read() {
  const auto bytes = header_.method == stored_method ? stored() : inflated();
  if (!bytes)
    return bytes.error();
  if (bytes->empty()) {
    if (auto error = check_end())
      return error;
    return member_piece{};
  }
  const member_piece piece{*bytes, done_};
  done_ += bytes->size();
  if (done_ > header_.size)
    return damaged("is larger than it says");
  checksum_ = static_cast<std::uint32_t>(
      ::crc32(checksum_, reinterpret_cast<const Bytef*>(bytes->data()),
              static_cast<uInt>(bytes->size())));
  return piece;
}

std::error_code zip_members::check_end() {
  const auto rest = data_.peek();
  if (!rest || !rest->empty() || done_ != header_.size ||
      checksum_ != header_.checksum)
    return damaged();
  return {};
}

} // namespace outrigger::os
