#include "protocol/files/rg_output.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/ascii.hpp"
#include "protocol/base64.hpp"
#include "protocol/json_stream.hpp"

namespace outrigger {

namespace {

/// As the kernel's own limit; a longer one is not a path.
constexpr std::size_t max_path = 4096;

/// The names that matter are shorter.
constexpr std::size_t max_name = 32;

/// What is being read, which follows from the names on the way to it.
enum class place : std::uint8_t {
  outside,
  event,      // one object
  kind,       // its "type"
  data,       // its "data"
  path,       // data.path, an object of one string
  lines,      // data.lines, the same
  line,       // data.line_number
  offset,     // data.absolute_offset
  binary,     // data.binary_offset
  submatches, // data.submatches, an array
  submatch,   // one of them
  start,      // its "start"
  path_text,
  path_bytes, // in base64
  lines_text,
  lines_bytes,
  unknown,
};

struct step {
  place from;
  std::string_view name;
  place to;
};

constexpr auto steps = std::to_array<step>({
    {place::event, "type", place::kind},
    {place::event, "data", place::data},
    {place::data, "path", place::path},
    {place::data, "lines", place::lines},
    {place::data, "line_number", place::line},
    {place::data, "absolute_offset", place::offset},
    {place::data, "binary_offset", place::binary},
    {place::data, "submatches", place::submatches},
    {place::submatch, "start", place::start},
    {place::path, "text", place::path_text},
    {place::path, "bytes", place::path_bytes},
    {place::lines, "text", place::lines_text},
    {place::lines, "bytes", place::lines_bytes},
});

place follow(place from, std::string_view name) {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const step& each) {
        return each.from == from && each.name == name;
      });
  return found == steps.end() ? place::unknown : found->to;
}

rg_kind kind_of(std::string_view type) {
  if (type == "begin")
    return rg_kind::begin;
  if (type == "match")
    return rg_kind::match;
  if (type == "context")
    return rg_kind::context;
  if (type == "end")
    return rg_kind::end;
  return type == "summary" ? rg_kind::summary : rg_kind::other;
}

} // namespace

class rg_reader::state final : public json_listener {
public:
  explicit state(std::size_t max_text) : max_text_{max_text} {}

  result<void> feed(std::string_view bytes, const listener& heard) {
    heard_ = &heard;
    auto read = stream_.feed(bytes, *this);
    if (read && broken_)
      read = error{errc::malformed, "not what ripgrep prints"};
    return read;
  }

  void open_object() override { enter(); }
  void open_array() override { enter(); }

  void close() override {
    open_.pop_back();
    if (open_.empty())
      end_event();
  }

  void open_text(bool is_name) override {
    if (open_.empty())
      broken_ = true;
    is_name_ = is_name;
    if (!is_name)
      here_ = place_of_value();
    text_.clear();
    more_ = false;
    limit_ = is_name ? max_name : limit_of(here_);
  }

  void text(std::string_view piece) override {
    const auto room = limit_ - std::min(limit_, text_.size());
    more_ = more_ || piece.size() > room;
    text_.append(piece.substr(0, room));
  }

  void close_text() override {
    if (is_name_)
      name_ = more_ ? place::unknown : follow(open_.back(), text_);
    else
      take_text();
  }

  void word(std::string_view word) override {
    if (open_.empty()) {
      broken_ = true;
      return;
    }
    const auto number = ascii::parse_decimal<std::uint64_t>(word);
    switch (place_of_value()) {
    case place::line:
      event_.line = number.value_or(0);
      break;
    case place::offset:
      event_.offset = number.value_or(0);
      break;
    case place::start:
      if (!event_.start)
        event_.start = number;
      break;
    case place::binary:
      event_.binary = number.has_value();
      break;
    default:
      break;
    }
  }

private:
  /// What the value that comes now is: a member by its name, an element by
  /// the array it is in.
  place place_of_value() const {
    if (open_.empty())
      return place::event;
    if (open_.back() == place::submatches)
      return place::submatch;
    return name_;
  }

  void enter() {
    open_.push_back(place_of_value());
    name_ = place::unknown;
  }

  std::size_t limit_of(place where) const {
    switch (where) {
    case place::kind:
      return max_name;
    case place::path_text:
      return max_path;
    case place::path_bytes:
      return max_path / 3 * 4;
    case place::lines_text:
      return max_text_;
    case place::lines_bytes: // whole groups of four
      return (max_text_ + 2) / 3 * 4;
    default:
      return 0;
    }
  }

  void take_text() {
    switch (here_) {
    case place::kind:
      event_.kind = kind_of(text_);
      break;
    case place::path_bytes:
      take_base64();
      [[fallthrough]];
    case place::path_text:
      broken_ = broken_ || more_;
      event_.path = text_;
      break;
    case place::lines_bytes:
      take_base64();
      [[fallthrough]];
    case place::lines_text:
      event_.cut = more_;
      event_.text = text_;
      break;
    default:
      break;
    }
  }

  /// A part of it that was cut is whole groups, and so decodes as well.
  void take_base64() {
    auto bytes = from_base64(text_);
    if (!bytes) {
      broken_ = true;
      return;
    }
    text_ = std::move(*bytes);
    const auto limit = here_ == place::lines_bytes ? max_text_ : max_path;
    more_ = more_ || text_.size() > limit;
    text_.resize(std::min(text_.size(), limit));
  }

  void end_event() {
    if (!broken_)
      (*heard_)(std::move(event_));
    event_ = {};
  }

  std::size_t max_text_;
  json_stream stream_;
  const listener* heard_ = nullptr; // during feed()
  rg_event event_;
  std::vector<place> open_;     // what the objects and arrays around us are
  place name_ = place::unknown; // of the member whose value comes next
  place here_ = place::unknown; // what the text being read is
  bool is_name_ = false;
  std::string text_;
  std::size_t limit_ = 0; // bytes kept of it
  bool more_ = false;     // it was longer
  bool broken_ = false;
};

rg_reader::rg_reader(std::size_t max_text)
    : state_{std::make_unique<state>(max_text)} {}
rg_reader::rg_reader(rg_reader&&) noexcept = default;
rg_reader& rg_reader::operator=(rg_reader&&) noexcept = default;
rg_reader::~rg_reader() = default;

result<void> rg_reader::feed(std::string_view bytes, const listener& heard) {
  return state_->feed(bytes, heard);
}

} // namespace outrigger
