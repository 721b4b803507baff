// What the daemon was asked to do: command line over environment over a TOML
// file over defaults, with the origin of every value kept for --print-config.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/limits.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// One place to accept connections: TCP, or a unix socket.
struct listen_address {
  std::string host;       // numeric or "localhost"; empty for all addresses
  std::uint16_t port = 0; // 0: any free one
  std::string unix_path;  // not empty for a unix socket

  [[nodiscard]] bool is_unix() const { return !unix_path.empty(); }
  /// 127.0.0.0/8, ::1, localhost or a unix socket.
  [[nodiscard]] bool is_loopback() const;
};

/// "127.0.0.1:3002", "[::1]:0", "localhost:80", ":3002" (all addresses),
/// "unix:/run/x.sock". Names other than localhost are refused: what a name
/// means can change.
[[nodiscard]] result<listen_address> parse_listen_address(std::string_view);

enum class log_format : std::uint8_t { text, json };

/// A key that JWTs may be signed with: --jwt-key KID:ALG:FILE.
struct jwt_key_option {
  std::string kid;       // empty: for tokens that name no key
  std::string algorithm; // HS256, ES256 or EdDSA
  std::string file;      // the secret's bytes, or a public key in PEM

  friend bool operator==(const jwt_key_option&,
                         const jwt_key_option&) = default;
};

struct options {
  std::vector<listen_address> listen; // default 127.0.0.1:3002
  std::string root; // workspace directory; default: current one
  std::vector<std::string> more_roots; // --root once more: clients that write
                                       // absolute paths reach these too
  std::string fs_root; // "/": those clients reach the whole machine
  std::string workspace_id = "local";
  std::string state_dir;   // default $XDG_STATE_HOME/outrigger/<workspace>
  std::string runtime_dir; // default $XDG_RUNTIME_DIR/outrigger/<workspace>
  std::string token_file;  // default <state_dir>/token
  std::string tls_cert;
  std::string tls_key;
  std::string holder; // outrigger-holder; default: beside the daemon
  std::string shell;  // default $SHELL, else /bin/bash, else /bin/sh
  bool login_shell = false;
  bool auth = true; // --no-auth
  bool insecure = false;
  bool stop_sessions = false; // end every session when the daemon stops
  std::size_t terminal_limit = limits::default_terminal_limit;
  std::vector<std::string> allow_hosts;
  std::vector<std::string> allow_origins;
  std::vector<jwt_key_option> jwt_keys;
  bool sandbox = true;      // --no-sandbox
  bool compression = false; // permessage-deflate
  bool access_log = false;
  /// A memory_budget of 0 is "auto": whoever starts the daemon resolves it.
  limits::edge_limits edge{.memory_budget = 0};
  std::string log_level = "info"; // trace debug info warn error off
  log_format log = log_format::text;
  bool print_config = false;

  /// Option name → "default", "command line", "environment OUTRIGGER_X",
  /// "file /path".
  std::map<std::string, std::string> origin;
};

/// Asked for --help or --version: print this on stdout and exit 0.
struct print_and_exit {
  std::string text;
};

/// Where values come from besides the command line; injected so that parsing
/// is pure.
struct option_sources {
  std::function<std::optional<std::string>(const std::string& name)> env;
  /// Contents of the file named by --config, or an error sentence.
  std::function<result<std::string>(const std::string& path)> read_file;
  std::string current_dir;
  std::string program_dir; // where the daemon's binary is
  unsigned uid = 0;
  /// Whether a file can be executed; decides between /bin/bash and /bin/sh.
  /// Without it there is a /bin/bash.
  std::function<bool(const std::string& path)> is_program;
};

/// Parses `outrigger [serve] …`. Every long option has an environment variable
/// (OUTRIGGER_STATE_DIR for --state-dir; lists separated by commas) and a TOML
/// key (state_dir, listen = ["…"]). Malformed: unknown options or keys, wrong
/// types, bad values, one of --tls-cert and --tls-key without the other, a pong
/// timeout that is not longer than the ping interval; the detail names the
/// option and its origin. Forbidden (exit code 78): a
/// non-loopback listener without TLS or auth and without --insecure; --no-auth
/// on a non-loopback listener, with or without it.
[[nodiscard]] result<std::variant<options, print_and_exit>>
parse_options(const std::vector<std::string>& args,
              const option_sources& sources);

/// The same for a command that serves nothing but needs to know where a
/// daemon's files are: `args` are options only, and what would be unsafe to
/// serve is no failure.
[[nodiscard]] result<options>
locate_options(const std::vector<std::string>& args,
               const option_sources& sources);

/// Whether these options are safe with these listeners. Forbidden, with the
/// reason, as for parse_options; `origin` says where the listeners come from.
[[nodiscard]] result<void>
check_exposure(const options& opts, const std::vector<listen_address>& listen,
               const std::string& origin);

/// The text of --print-config: TOML, each value with a comment of its origin.
/// Never contains a token.
[[nodiscard]] std::string to_toml(const options& opts);

/// The version the build was configured with, "0.1.0".
[[nodiscard]] std::string_view program_version();

} // namespace outrigger
