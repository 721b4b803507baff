#include "protocol/terminal_rest.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace outrigger {

namespace {

constexpr std::string_view create_what = "create terminal";

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

/// `cmd` and `command` are two names of one field.
result<std::vector<std::string>> read_command(const json::fields& in) {
  const auto cmd = in.texts("cmd");
  if (!cmd)
    return cmd.error();
  const auto command = in.texts("command");
  if (!command)
    return command.error();
  if (*cmd && *command && **cmd != **command)
    return in.bad("cmd", "and command differ");
  const auto& given = *cmd ? *cmd : *command;
  if (!given)
    return std::vector<std::string>{};
  const auto* name = *cmd ? "cmd" : "command";
  if (given->empty() || given->front().empty())
    return in.bad(name, "must name a program");
  if (std::any_of(given->begin(), given->end(), has_nul))
    return in.bad(name, "must not hold NUL characters");
  return *given;
}

result<terminal_size> read_size(const json::fields& in,
                                std::optional<terminal_size> otherwise) {
  const auto cols = in.integer("cols");
  if (!cols)
    return cols.error();
  const auto rows = in.integer("rows");
  if (!rows)
    return rows.error();
  if (!otherwise && !*cols)
    return in.bad("cols", "is missing");
  if (!otherwise && !*rows)
    return in.bad("rows", "is missing");
  const auto missing = otherwise.value_or(terminal_size{});
  return checked_size(cols->value_or(missing.cols),
                      rows->value_or(missing.rows));
}

result<std::size_t> read_scrollback_size(const json::fields& in) {
  const auto wanted = in.integer("scrollback_size");
  if (!wanted)
    return wanted.error();
  if (!*wanted)
    return limits::default_scrollback;
  const auto clamped = std::clamp<std::int64_t>(
      **wanted, limits::min_scrollback, limits::max_scrollback);
  return static_cast<std::size_t>(clamped);
}

result<std::string> read_cwd(const json::fields& in) {
  const auto cwd = in.text("cwd");
  if (!cwd)
    return cwd.error();
  if (*cwd && has_nul(**cwd))
    return in.bad("cwd", "must not hold NUL characters");
  return cwd->value_or("");
}

using environment = std::vector<std::pair<std::string, std::string>>;

result<environment> read_env(const json::fields& in) {
  const auto* found = in.find("env");
  environment out;
  if (!found)
    return out;
  if (!found->IsObject())
    return in.bad("env", "must be an object of strings");
  for (const auto& member : found->GetObject()) {
    auto name = json::string_in(member.name);
    auto content = json::string_in(member.value);
    if (!name || !content)
      return in.bad("env", "must be an object of strings");
    if (name->empty() || name->find('=') != std::string::npos ||
        has_nul(*name) || has_nul(*content))
      return in.bad("env", "has a name that is empty or holds '=', or a NUL");
    out.emplace_back(std::move(*name), std::move(*content));
  }
  return out;
}

/// What every description of a terminal begins with.
void write_identity(json::writer& out, std::uint8_t id, terminal_size size) {
  out.field("id", std::to_string(id))
      .field("cols", size.cols)
      .field("rows", size.rows);
}

void write_exit(json::writer& out, const std::optional<terminal_exit>& exit) {
  if (exit && exit->signal != 0)
    out.field("signal", signal_name(exit->signal));
}

void write_summary(json::writer& out, const terminal_summary& terminal) {
  write_identity(out, terminal.id, terminal.size);
  out.field("command", terminal.command)
      .field("session", terminal.session)
      .field("pid", terminal.pid)
      .field("cwd", terminal.cwd)
      .field("alive", terminal.alive);
  if (terminal.exit)
    out.field("exit_code", terminal.exit->code);
  else
    out.field("exit_code", nullptr);
  write_exit(out, terminal.exit);
  out.field("created_at", to_rfc3339(terminal.created_unix_ms))
      .field("scrollback_size", terminal.scrollback_size);
}

} // namespace

result<create_terminal_body> parse_create_terminal(std::string_view text) {
  if (text.empty())
    return create_terminal_body{};
  const auto parsed =
      json::parse_object(text, create_what, limits::max_http_body);
  if (!parsed)
    return parsed.error();
  const json::fields in{*parsed, create_what};

  auto command = read_command(in);
  if (!command)
    return command.error();
  const auto size = read_size(in, terminal_size{});
  if (!size)
    return size.error();
  const auto scrollback_size = read_scrollback_size(in);
  if (!scrollback_size)
    return scrollback_size.error();
  auto cwd = read_cwd(in);
  if (!cwd)
    return cwd.error();
  auto env = read_env(in);
  if (!env)
    return env.error();
  const auto login = in.boolean("login");
  if (!login)
    return login.error();
  return create_terminal_body{std::move(*command), *size,
                              *scrollback_size,    std::move(*cwd),
                              std::move(*env),     *login};
}

result<terminal_size> parse_resize_body(std::string_view text) {
  static constexpr std::string_view what = "resize terminal";
  const auto parsed = json::parse_object(text, what, limits::max_http_body);
  if (!parsed)
    return parsed.error();
  return read_size(json::fields{*parsed, what}, std::nullopt);
}

result<std::optional<std::size_t>> parse_byte_count(std::string_view text) {
  if (text.empty())
    return std::optional<std::size_t>{};
  const auto count = ascii::parse_decimal<std::size_t>(text);
  if (!count)
    return error{errc::malformed, "scrollback: bytes must be a number"};
  return count;
}

std::string created_to_json(const terminal_summary& terminal) {
  json::writer out;
  write_summary(json::begin_success(out), terminal);
  return out.finish();
}

std::string terminals_to_json(const std::vector<terminal_summary>& terminals) {
  json::writer out;
  json::begin_success(out).open_array("terminals");
  for (const auto& terminal : terminals) {
    out.open_object();
    write_summary(out, terminal);
    out.close_object();
  }
  out.close_array();
  return out.finish();
}

std::string terminal_to_json(const terminal_summary& terminal) {
  json::writer out;
  json::begin_success(out).open_object("terminal");
  write_summary(out, terminal);
  out.close_object();
  return out.finish();
}

std::string deleted_to_json(std::uint8_t id) {
  json::writer out;
  json::begin_success(out).field("terminal_id", std::to_string(id));
  return out.finish();
}

std::string resized_to_json(std::uint8_t id, terminal_size size) {
  json::writer out;
  write_identity(json::begin_success(out), id, size);
  return out.finish();
}

std::string scrollback_to_json(const scrollback& content) {
  json::writer out;
  json::begin_success(out)
      .base64_field("scrollback", content.bytes)
      .field("size", content.bytes.size())
      .field("alive", content.alive)
      .field("exit_code", content.exit ? content.exit->code : 0);
  write_exit(out, content.exit);
  out.field("offset", content.offset)
      .field("head", content.head)
      .field("session", content.session);
  return out.finish();
}

} // namespace outrigger
