#include "protocol/ascii.hpp"
#include "protocol/ip_literal.hpp"
#include "protocol/options.hpp"

namespace outrigger {

namespace {

/// sun_path holds 108 bytes with its terminator.
constexpr std::size_t max_unix_path = 107;

error bad_address(std::string_view text, std::string_view why) {
  return {errc::malformed,
          "listen address '" + std::string{text} + "': " + std::string{why}};
}

result<listen_address> parse_unix(std::string_view text,
                                  std::string_view path) {
  if (path.empty() || path.front() != '/')
    return bad_address(text, "a unix socket needs an absolute path");
  if (path.size() > max_unix_path)
    return bad_address(text, "a unix socket path has at most 107 bytes");
  if (path.find('\0') != std::string_view::npos)
    return bad_address(text, "a path cannot hold a NUL byte");
  listen_address out;
  out.unix_path = path;
  return out;
}

bool acceptable_host(std::string_view host, bool bracketed) {
  if (bracketed)
    return parse_ipv6(host).has_value();
  return host.empty() || host == "localhost" || parse_ipv4(host);
}

} // namespace

bool listen_address::is_loopback() const {
  if (is_unix() || host == "localhost")
    return true;
  const auto ip =
      host.find(':') == std::string::npos ? parse_ipv4(host) : parse_ipv6(host);
  return ip && ip->is_loopback();
}

result<listen_address> parse_listen_address(std::string_view text) {
  static constexpr std::string_view unix_scheme = "unix:";
  if (text.substr(0, unix_scheme.size()) == unix_scheme)
    return parse_unix(text, text.substr(unix_scheme.size()));

  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return bad_address(text, "write HOST:PORT, :PORT or unix:/PATH");
  const auto port = ascii::parse_decimal<std::uint16_t>(text.substr(colon + 1));
  if (!port)
    return bad_address(text, "the port must be a number from 0 to 65535");

  auto host = text.substr(0, colon);
  const bool bracketed =
      host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  if (!acceptable_host(host, bracketed))
    return bad_address(text, "the host must be an IPv4 address, an IPv6 "
                             "address in brackets, localhost or nothing");
  listen_address out;
  out.host = host;
  out.port = *port;
  return out;
}

} // namespace outrigger
