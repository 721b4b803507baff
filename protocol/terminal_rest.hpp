// Bodies of the REST calls on terminals: POST, GET and DELETE /terminals and
// what hangs below them. JSON <-> structs.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/limits.hpp"
#include "protocol/result.hpp"
#include "protocol/terminal_message.hpp"

namespace outrigger {

/// What a client asks for by POST /terminals. Everything is optional.
struct create_terminal_body {
  std::vector<std::string> command; // empty: the workspace's shell
  terminal_size size;
  std::size_t scrollback_size = limits::default_scrollback; // bytes
  std::string cwd; // empty: the workspace directory
  std::vector<std::pair<std::string, std::string>> env; // added to the base
  std::optional<bool> login; // run the shell as a login shell
};

/// Parses the body of POST /terminals. An empty body is a valid request for
/// defaults. `cmd` or `command`: array of strings, not empty, no NUL inside
/// (both given and different: malformed). `cols`, `rows` as checked_size.
/// `scrollback_size` is clamped to the limits. `env` is an object of strings;
/// names must be non-empty without '=' or NUL. Wrong types name the field.
[[nodiscard]] result<create_terminal_body>
parse_create_terminal(std::string_view json);

/// Parses `{cols, rows}` of POST or PUT /terminals/{id}/resize.
[[nodiscard]] result<terminal_size> parse_resize_body(std::string_view json);

/// Parses `?bytes=N`: empty means all; otherwise a decimal count.
[[nodiscard]] result<std::optional<std::size_t>>
parse_byte_count(std::string_view text);

/// One line of GET /terminals.
struct terminal_summary {
  std::uint8_t id = 0;
  std::string session; // opaque identity
  std::vector<std::string> command;
  std::string cwd;
  terminal_size size;
  bool alive = true;
  std::optional<terminal_exit> exit; // set once it is not alive
  std::int64_t created_unix_ms = 0;
  std::size_t scrollback_size = 0;
  int pid = 0;
};

/// `{success,id,cols,rows,command,session,pid,…}` of a 201.
[[nodiscard]] std::string created_to_json(const terminal_summary& terminal);

/// `{success,terminals:[…]}`; created_at in RFC 3339 UTC, exit_code null while
/// alive.
[[nodiscard]] std::string
terminals_to_json(const std::vector<terminal_summary>& terminals);

/// `{success,terminal:{…}}` of GET /terminals/{id}.
[[nodiscard]] std::string terminal_to_json(const terminal_summary& terminal);

/// `{success,terminal_id}`.
[[nodiscard]] std::string deleted_to_json(std::uint8_t id);

/// `{success,id,cols,rows}`.
[[nodiscard]] std::string resized_to_json(std::uint8_t id, terminal_size size);

/// The kept output of a terminal, raw.
struct scrollback {
  std::string bytes;
  std::uint64_t offset = 0; // of the first byte
  std::uint64_t head = 0;   // end of the output so far
  std::string session;
  bool alive = true;
  std::optional<terminal_exit> exit;
};

/// `{success,scrollback(base64),size,alive,exit_code,offset,head,session}`;
/// exit_code is 0 while alive because documented clients expect a number.
[[nodiscard]] std::string scrollback_to_json(const scrollback& content);

} // namespace outrigger
