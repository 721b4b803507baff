#include "protocol/option_table.hpp"

#include <algorithm>
#include <array>

#include "protocol/option_setters.hpp"

namespace outrigger {

namespace {

constexpr auto flag = option_kind::flag;
constexpr auto number = option_kind::number;
constexpr auto text = option_kind::text;
constexpr auto list = option_kind::list;
constexpr auto time = option_kind::time;
constexpr auto size = option_kind::size;

constexpr std::string_view network = "Network";
constexpr std::string_view workspace = "Workspace";
constexpr std::string_view access = "Access";
constexpr std::string_view timeouts = "Timeouts";
constexpr std::string_view edge = "Limits";
constexpr std::string_view sessions = "Terminals";
constexpr std::string_view logs = "Logs";

using limits::edge_limits;

/// What a parser keeps in memory is at most what the documented protocols say.
constexpr std::size_t kib = 1024;
constexpr std::size_t gib = kib * kib * kib;
constexpr std::size_t longest_body = limits::max_http_body;
constexpr std::size_t longest_message = limits::max_message;

template <edge_time Member>
constexpr option_spec time_option(std::string_view name,
                                  std::string_view help) {
  return {name,
          time,
          timeouts,
          "TIME",
          help,
          set_edge_time<Member>,
          show_edge_time<Member>};
}

template <edge_number Member, std::size_t Min, std::size_t Max>
constexpr option_spec size_option(std::string_view name,
                                  std::string_view help) {
  return {name,
          size,
          edge,
          "SIZE",
          help,
          set_edge_size<Member, Min, Max>,
          show_edge_size<Member>};
}

template <edge_number Member, std::size_t Min, std::size_t Max>
constexpr option_spec count_option(std::string_view name,
                                   std::string_view help) {
  return {name,
          number,
          edge,
          "COUNT",
          help,
          set_edge_count<Member, Min, Max>,
          show_edge_count<Member>};
}

constexpr auto specs = std::to_array<option_spec>({
    {"listen", list, network, "ADDRESS",
     "Where to accept connections: HOST:PORT, :PORT (all addresses) or "
     "unix:/PATH; port 0 takes a free one. Repeatable. "
     "Default: 127.0.0.1:3002",
     set_listen, show_listen},
    {"tls-cert", text, network, "FILE",
     "Certificate chain in PEM; needs --tls-key", set_text<&options::tls_cert>,
     show_text<&options::tls_cert>},
    {"tls-key", text, network, "FILE", "Private key in PEM; needs --tls-cert",
     set_text<&options::tls_key>, show_text<&options::tls_key>},
    {"compression", text, network, "on|off",
     "Compress WebSocket messages (permessage-deflate): less on a slow line, "
     "more CPU and memory. Default: off",
     set_switch<&options::compression>, show_switch<&options::compression>},
    {"root", list, workspace, "DIR",
     "The workspace directory; once more: another one that clients with "
     "absolute paths may reach. Default: the current one",
     set_roots, show_roots},
    {"fs-root", text, workspace, "DIR",
     "Let clients with absolute paths reach everything below it: / is the "
     "whole machine. Default: only the workspace directories",
     set_text<&options::fs_root>, show_text<&options::fs_root>},
    {"workspace-id", text, workspace, "ID",
     "Name of the workspace. Default: local", set_workspace_id,
     show_text<&options::workspace_id>},
    {"state-dir", text, workspace, "DIR",
     "What outlives a reboot: tokens, settings. "
     "Default: $XDG_STATE_HOME/outrigger/ID",
     set_text<&options::state_dir>, show_text<&options::state_dir>},
    {"runtime-dir", text, workspace, "DIR",
     "Sockets and locks. Default: $XDG_RUNTIME_DIR/outrigger/ID",
     set_text<&options::runtime_dir>, show_text<&options::runtime_dir>},
    {"token-file", text, access, "FILE",
     "The access token, made on first start. Default: STATE_DIR/token",
     set_text<&options::token_file>, show_text<&options::token_file>},
    {"no-auth", flag, access, "", "Ask for no token; on loopback only",
     set_flag<&options::auth, true>, show_flag<&options::auth, true>},
    {"insecure", flag, access, "",
     "Allow listening beyond loopback without TLS",
     set_flag<&options::insecure>, show_flag<&options::insecure>},
    {"allow-host", list, access, "NAME",
     "A host name accepted besides localhost and the daemon's addresses. "
     "Repeatable",
     set_allow_host, show_list<&options::allow_hosts>},
    {"allow-origin", list, access, "ORIGIN",
     "A web origin accepted besides the daemon's own, such as "
     "https://ide.example. Repeatable",
     set_allow_origin, show_list<&options::allow_origins>},
    {"jwt-key", list, access, "KID:ALG:FILE",
     "A key that JSON Web Tokens may be signed with: its id, which may be "
     "empty, HS256, ES256 or EdDSA, and a file: the secret's bytes, which "
     "nobody else may read, or a public key in PEM. Repeatable",
     set_jwt_keys, show_jwt_keys},
    {"no-sandbox", flag, access, "",
     "Do without seccomp and Landlock, which confine the daemon but no "
     "terminal",
     set_flag<&options::sandbox, true>, show_flag<&options::sandbox, true>},
    time_option<&edge_limits::header_timeout>(
        "header-timeout", "For a request's header to arrive. Default: 10s"),
    time_option<&edge_limits::body_timeout>(
        "body-timeout",
        "For the next piece of a request's body to arrive. Default: 30s"),
    time_option<&edge_limits::idle_timeout>(
        "idle-timeout",
        "Without a request before a connection is closed. Default: 1m"),
    time_option<&edge_limits::write_timeout>(
        "write-timeout",
        "Without the client taking anything of what is sent to it. "
        "Default: 30s"),
    time_option<&edge_limits::auth_timeout>(
        "auth-timeout",
        "For a WebSocket that came without a credential to show one. "
        "Default: 10s"),
    time_option<&edge_limits::ping_interval>(
        "ping-interval",
        "Of silence before a WebSocket is pinged. Default: 45s"),
    time_option<&edge_limits::pong_timeout>(
        "pong-timeout",
        "Of silence before a WebSocket is closed, more than the ping "
        "interval. Default: 2m"),
    size_option<&edge_limits::max_header, kib, 256 * kib>(
        "max-header", "Header of one request. Default: 8KiB"),
    count_option<&edge_limits::max_fields, 16, 1000>(
        "max-header-fields", "Fields of one header. Default: 100"),
    size_option<&edge_limits::max_body, kib, longest_body>(
        "max-body", "Body of one request, at most 1MiB. Default: 1MiB"),
    size_option<&edge_limits::max_upload, kib, 16'384 * gib>(
        "max-upload",
        "Body of one request that is stored while it comes. Default: 16GiB"),
    size_option<&edge_limits::max_message, 4 * kib, longest_message>(
        "max-message",
        "One WebSocket message of a client, at most 1MiB. Default: 1MiB"),
    count_option<&edge_limits::max_fragments, 1, 1'048'576>(
        "max-fragments", "Pieces of one WebSocket message. Default: 4096"),
    count_option<&edge_limits::max_requests, 1, 1'000'000>(
        "max-requests", "Requests on one connection. Default: 1000"),
    count_option<&edge_limits::max_unauthenticated, 1, 65'536>(
        "max-unauthenticated",
        "Connections that have shown no credential yet. Default: 64"),
    {"memory-budget", size, edge, "SIZE",
     "Memory of the daemon before it sheds load; auto: 512MiB, or less where "
     "a control group says so. Default: auto",
     set_memory_budget, show_memory_budget},
    {"shell", text, sessions, "FILE",
     "The shell of new terminals. Default: $SHELL", set_text<&options::shell>,
     show_text<&options::shell>},
    {"login-shell", flag, sessions, "", "Start shells as login shells",
     set_flag<&options::login_shell>, show_flag<&options::login_shell>},
    {"terminal-limit", number, sessions, "COUNT",
     "Terminals running at a time, 1 to 255. Default: 10", set_terminal_limit,
     show_terminal_limit},
    {"stop-sessions", flag, sessions, "",
     "End every terminal when the daemon stops",
     set_flag<&options::stop_sessions>, show_flag<&options::stop_sessions>},
    {"holder", text, sessions, "FILE",
     "The outrigger-holder program. Default: beside the daemon",
     set_text<&options::holder>, show_text<&options::holder>},
    {"log-level", text, logs, "LEVEL",
     "trace, debug, info, warn, error or off. Default: info", set_log_level,
     show_text<&options::log_level>},
    {"log-format", text, logs, "FORMAT", "text or json. Default: text",
     set_log_format, show_log_format},
    {"access-log", flag, logs, "", "Log a line for each request",
     set_flag<&options::access_log>, show_flag<&options::access_log>},
});

} // namespace

std::string option_spec::environment_name() const {
  std::string out = "OUTRIGGER_";
  for (const char c : name)
    out += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string option_spec::file_key() const {
  std::string out{name};
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

std::span<const option_spec> option_specs() {
  return specs;
}

} // namespace outrigger
