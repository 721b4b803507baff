#include "net/handshake.hpp"

#include <algorithm>
#include <string_view>

#include <boost/beast/websocket/rfc6455.hpp>

#include "net/http_answer.hpp"
#include "protocol/ascii.hpp"

namespace outrigger {
namespace {

namespace http = beast::http;

/// 16 bytes in base64.
bool is_websocket_key(std::string_view key) {
  return key.size() == 24 && key.substr(22) == "==" &&
         std::all_of(key.begin(), key.begin() + 22, [](char c) {
           return ascii::is_letter(c) || ascii::is_digit(c) || c == '+' ||
                  c == '/';
         });
}

} // namespace

result<void> check_handshake(const http_request& upgrade,
                             std::string_view path) {
  if (!beast::websocket::is_upgrade(upgrade))
    return error{errc::malformed,
                 "a WebSocket upgrade is required: " + std::string{path}};
  if (upgrade.count(http::field::sec_websocket_version) != 1 ||
      upgrade[http::field::sec_websocket_version] != websocket_version)
    return error{errc::upgrade, "Sec-WebSocket-Version: 13 is required"};
  const auto key = upgrade[http::field::sec_websocket_key];
  if (upgrade.count(http::field::sec_websocket_key) != 1 ||
      !is_websocket_key({key.data(), key.size()}))
    return error{errc::malformed,
                 "Sec-WebSocket-Key: 16 bytes in base64 are required"};
  return {};
}

} // namespace outrigger
