#include "protocol/option_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "protocol/ascii.hpp"
#include "protocol/ip_literal.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

// -- values as TOML -----------------------------------------------------------

std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (const char c : utf8::repaired(text)) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (ascii::is_control(c)) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04X",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string list_of(const std::vector<std::string>& elements) {
  std::string out{'['};
  for (const auto& element : elements)
    out += (out.size() > 1 ? ", " : "") + quoted(element);
  return out + ']';
}

std::string written(const listen_address& address) {
  if (address.is_unix())
    return "unix:" + address.unix_path;
  const bool bracketed = address.host.find(':') != std::string::npos;
  return (bracketed ? '[' + address.host + ']' : address.host) + ':' +
         std::to_string(address.port);
}

// -- setters and showers by kind of member ------------------------------------

template <std::string options::*Member>
std::string set_text(options& to, const option_values& values) {
  if (values.back().find('\0') != std::string::npos)
    return "must not hold a NUL character";
  to.*Member = values.back();
  return {};
}

template <std::string options::*Member>
std::string show_text(const options& from) {
  return quoted(from.*Member);
}

std::optional<bool> parse_bool(std::string_view text) {
  static constexpr std::array<std::string_view, 4> yes{"1", "true", "yes",
                                                       "on"};
  static constexpr std::array<std::string_view, 4> no{"0", "false", "no",
                                                      "off"};
  const auto word = ascii::lower(text);
  if (std::find(yes.begin(), yes.end(), word) != yes.end())
    return true;
  if (std::find(no.begin(), no.end(), word) != no.end())
    return false;
  return std::nullopt;
}

/// `Negated` for a member that says the opposite of its option.
template <bool options::*Member, bool Negated = false>
std::string set_flag(options& to, const option_values& values) {
  const auto value = parse_bool(values.back());
  if (!value)
    return "must be true or false";
  to.*Member = *value != Negated;
  return {};
}

template <bool options::*Member, bool Negated = false>
std::string show_flag(const options& from) {
  return from.*Member != Negated ? "true" : "false";
}

template <std::vector<std::string> options::*Member>
std::string show_list(const options& from) {
  return list_of(from.*Member);
}

// -- options with rules of their own ------------------------------------------

std::string set_listen(options& to, const option_values& values) {
  to.listen.clear();
  for (const auto& text : values) {
    const auto address = parse_listen_address(text);
    if (!address)
      return "is wrong: " + address.error().detail;
    to.listen.push_back(*address);
  }
  return {};
}

std::string show_listen(const options& from) {
  std::vector<std::string> out;
  for (const auto& address : from.listen)
    out.push_back(written(address));
  return list_of(out);
}

/// It becomes a part of paths and of log lines.
std::string set_workspace_id(options& to, const option_values& values) {
  const auto& id = values.back();
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return ascii::is_letter(c) || ascii::is_digit(c) || c == '.' || c == '_' ||
           c == '-';
  });
  if (!plain || id.empty() || id.size() > 64 || id.front() == '.')
    return "must be 1 to 64 of A-Z a-z 0-9 . _ - and not begin with a dot";
  to.workspace_id = id;
  return {};
}

std::string set_terminal_limit(options& to, const option_values& values) {
  const auto limit = ascii::parse_decimal<std::size_t>(values.back());
  if (!limit || *limit < 1 || *limit > limits::max_terminal_id)
    return "must be 1 to 255";
  to.terminal_limit = *limit;
  return {};
}

std::string show_terminal_limit(const options& from) {
  return std::to_string(from.terminal_limit);
}

bool is_host(std::string_view text) {
  const bool name = !text.empty() && text.size() <= 253 &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return ascii::is_letter(c) || ascii::is_digit(c) ||
                             c == '.' || c == '-' || c == '_';
                    });
  return name || parse_ipv6(text);
}

std::string set_allow_host(options& to, const option_values& values) {
  to.allow_hosts.clear();
  for (const auto& host : values) {
    if (!is_host(host))
      return "must be a host name or address without a port";
    to.allow_hosts.push_back(ascii::lower(host));
  }
  return {};
}

/// scheme://host[:port], as browsers write an Origin. Editors' web views have
/// schemes of their own.
bool is_origin(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0)
    return false;
  const auto scheme = text.substr(0, colon);
  const auto host = text.substr(colon + 3);
  return ascii::is_letter(scheme.front()) &&
         std::all_of(scheme.begin(), scheme.end(),
                     [](char c) {
                       return ascii::is_letter(c) || ascii::is_digit(c) ||
                              c == '+' || c == '-' || c == '.';
                     }) &&
         !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
           return c > ' ' && c < 0x7f &&
                  std::string_view{"/?#@*\\\"<>"}.find(c) ==
                      std::string_view::npos;
         });
}

std::string set_allow_origin(options& to, const option_values& values) {
  to.allow_origins.clear();
  for (const auto& origin : values) {
    if (!is_origin(origin))
      return "must be an origin such as https://ide.example, without a path";
    to.allow_origins.push_back(ascii::lower(origin));
  }
  return {};
}

std::string set_log_level(options& to, const option_values& values) {
  static constexpr std::array<std::string_view, 6> levels{
      "trace", "debug", "info", "warn", "error", "off"};
  const auto level = ascii::lower(values.back());
  if (std::find(levels.begin(), levels.end(), level) == levels.end())
    return "must be trace, debug, info, warn, error or off";
  to.log_level = level;
  return {};
}

std::string set_log_format(options& to, const option_values& values) {
  const auto name = ascii::lower(values.back());
  if (name != "text" && name != "json")
    return "must be text or json";
  to.log = name == "json" ? log_format::json : log_format::text;
  return {};
}

std::string show_log_format(const options& from) {
  return from.log == log_format::json ? quoted("json") : quoted("text");
}

// -- the table ----------------------------------------------------------------

constexpr auto flag = option_kind::flag;
constexpr auto number = option_kind::number;
constexpr auto text = option_kind::text;
constexpr auto list = option_kind::list;

constexpr std::string_view network = "Network";
constexpr std::string_view workspace = "Workspace";
constexpr std::string_view access = "Access";
constexpr std::string_view sessions = "Terminals";
constexpr std::string_view logs = "Logs";

constexpr std::array<option_spec, 19> specs{{
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
    {"root", text, workspace, "DIR",
     "The workspace directory. Default: the current one",
     set_text<&options::root>, show_text<&options::root>},
    {"workspace-id", text, workspace, "ID",
     "Name of the workspace. Default: local", set_workspace_id,
     show_text<&options::workspace_id>},
    {"state-dir", text, workspace, "DIR",
     "What outlives a reboot: token, settings. "
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
}};

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
