#include "protocol/terminal_message.hpp"

#include <algorithm>
#include <array>

#include "protocol/ascii.hpp"
#include "protocol/error_body.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "terminal message";

/// JSON numbers are doubles to most clients: exact up to here.
constexpr std::uint64_t max_offset = std::uint64_t{1} << 53;

result<std::uint8_t> read_id(const json::fields& in) {
  const auto* found = in.find("id");
  if (!found)
    return in.bad("id", "is missing");
  std::optional<std::uint8_t> id;
  if (found->IsUint64())
    id = parse_terminal_id(std::to_string(found->GetUint64()));
  else if (const auto text = json::string_in(*found))
    id = parse_terminal_id(*text);
  if (!id)
    return in.bad("id", "must be a terminal id, \"1\" to \"255\"");
  return *id;
}

result<std::int64_t> read_length(const json::fields& in,
                                 std::string_view name) {
  const auto read = in.integer(name);
  if (!read)
    return read.error();
  if (!*read)
    return in.bad(name, "is missing");
  return **read;
}

result<std::optional<std::uint64_t>> read_offset(const json::fields& in,
                                                 std::string_view name) {
  const auto* found = in.find(name);
  if (!found)
    return std::optional<std::uint64_t>{};
  if (!found->IsUint64() || found->GetUint64() > max_offset)
    return in.bad(name, "must be an offset, an integer from 0 to 2^53");
  return std::optional{found->GetUint64()};
}

result<terminal_message> read_resize(const json::fields& in, std::uint8_t id) {
  const auto cols = read_length(in, "cols");
  if (!cols)
    return cols.error();
  const auto rows = read_length(in, "rows");
  if (!rows)
    return rows.error();
  const auto size = checked_size(*cols, *rows);
  if (!size)
    return size.error();
  return terminal_message{resize_message{id, *size}};
}

result<terminal_message> read_ack(const json::fields& in, std::uint8_t id) {
  const auto offset = read_offset(in, "offset");
  if (!offset)
    return offset.error();
  if (!*offset)
    return in.bad("offset", "is missing");
  return terminal_message{ack_message{id, **offset}};
}

result<terminal_message> read_attach(const json::fields& in, std::uint8_t id) {
  const auto after = read_offset(in, "after");
  if (!after)
    return after.error();
  return terminal_message{attach_message{id, *after}};
}

result<terminal_message> read_detach(const json::fields&, std::uint8_t id) {
  return terminal_message{detach_message{id}};
}

struct message_kind {
  std::string_view type;
  result<terminal_message> (*read)(const json::fields& in, std::uint8_t id);
};

constexpr std::array<message_kind, 4> message_kinds{{{"resize", read_resize},
                                                     {"ack", read_ack},
                                                     {"attach", read_attach},
                                                     {"detach", read_detach}}};

void begin(json::writer& out, std::string_view type,
           std::optional<std::uint8_t> id) {
  out.field("channel", "terminal").field("type", type);
  if (id)
    out.field("id", std::to_string(*id));
}

} // namespace

result<terminal_size> checked_size(std::int64_t cols, std::int64_t rows) {
  if (cols < 1 || cols > limits::max_cols)
    return json::bad_field("terminal size", "cols", "must be 1 to 2000");
  if (rows < 1 || rows > limits::max_rows)
    return json::bad_field("terminal size", "rows", "must be 1 to 1000");
  return terminal_size{static_cast<std::uint16_t>(cols),
                       static_cast<std::uint16_t>(rows)};
}

result<terminal_message> parse_terminal_message(std::string_view text) {
  const auto parsed = json::parse_object(text, what, limits::max_message);
  if (!parsed)
    return parsed.error();
  const json::fields in{*parsed, what};

  const auto channel = in.text("channel");
  if (!channel)
    return channel.error();
  if (channel->value_or("terminal") != "terminal")
    return in.bad("channel", "is unknown");
  const auto type = in.text("type");
  if (!type)
    return type.error();
  if (!*type)
    return in.bad("type", "is missing");
  const auto* kind =
      std::find_if(message_kinds.begin(), message_kinds.end(),
                   [&](const auto& each) { return each.type == **type; });
  if (kind == message_kinds.end())
    return in.bad("type", "is unknown");
  const auto id = read_id(in);
  if (!id)
    return id.error();
  return kind->read(in, *id);
}

std::optional<std::uint8_t> parse_terminal_id(std::string_view text) {
  if (text.empty() || text.front() == '0')
    return std::nullopt;
  return ascii::parse_decimal<std::uint8_t>(text);
}

result<std::vector<resume_point>> parse_resume_points(std::string_view text) {
  std::vector<resume_point> out;
  if (text.empty())
    return out;
  std::array<bool, limits::max_terminal_id + 1> seen{};
  for (const auto piece : ascii::split(text, ',')) {
    const auto colon = piece.find(':');
    if (colon == std::string_view::npos)
      return error{errc::malformed, "after: must be <id>:<offset>[,…]"};
    const auto id = parse_terminal_id(piece.substr(0, colon));
    if (!id)
      return error{errc::malformed, "after: id must be 1 to 255"};
    const auto offset =
        ascii::parse_decimal<std::uint64_t>(piece.substr(colon + 1));
    if (!offset || *offset > max_offset)
      return error{errc::malformed, "after: offset must be 0 to 2^53"};
    if (std::exchange(seen[*id], true))
      return error{errc::malformed, "after: terminal " + std::to_string(*id) +
                                        " is given twice"};
    out.push_back({*id, *offset});
  }
  return out;
}

std::string to_json(const attached_message& message) {
  json::writer out;
  begin(out, "attached", message.id);
  out.field("session", message.session)
      .field("offset", message.offset)
      .field("tail", message.tail)
      .field("head", message.head)
      .field("cols", message.size.cols)
      .field("rows", message.size.rows)
      .field("alive", message.alive);
  return out.finish();
}

std::string to_json(const gap_message& message) {
  json::writer out;
  begin(out, "gap", message.id);
  out.field("from", message.from).field("to", message.to);
  return out.finish();
}

std::string exit_to_json(std::uint8_t id, const terminal_exit& exit,
                         bool extended) {
  json::writer out;
  begin(out, "exit", id);
  out.field("code", exit.code);
  if (extended && exit.signal != 0)
    out.field("signal", signal_name(exit.signal));
  return out.finish();
}

std::string error_to_json(std::optional<std::uint8_t> id, const error& err) {
  const auto sentence = error_sentence(err);
  json::writer out;
  begin(out, "error", id);
  out.field("code", code_name(err.code))
      .field("error", sentence)
      .field("message", sentence);
  return out.finish();
}

std::string signal_name(int signal) {
  // Linux numbers on every architecture the daemon is built for.
  static constexpr std::array<std::string_view, 32> names{
      "",       "HUP",  "INT",    "QUIT", "ILL",   "TRAP", "ABRT", "BUS",
      "FPE",    "KILL", "USR1",   "SEGV", "USR2",  "PIPE", "ALRM", "TERM",
      "STKFLT", "CHLD", "CONT",   "STOP", "TSTP",  "TTIN", "TTOU", "URG",
      "XCPU",   "XFSZ", "VTALRM", "PROF", "WINCH", "IO",   "PWR",  "SYS"};
  if (signal > 0 && static_cast<std::size_t>(signal) < names.size())
    return "SIG" + std::string{names[static_cast<std::size_t>(signal)]};
  return "SIG" + std::to_string(signal);
}

} // namespace outrigger
