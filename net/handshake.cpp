#include "net/handshake.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/beast/websocket/rfc6455.hpp>

#include "net/guarded_socket.hpp"
#include "net/http_answer.hpp"
#include "net/websocket_session.hpp"
#include "protocol/access.hpp"
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

std::shared_ptr<session_base>
open_websocket(const std::shared_ptr<server_context>& context, stream socket,
               const peer& from, http_exchange upgrade, socket_plan plan) {
  const auto& who = upgrade.admitted->who;
  guard_socket(*context, from, who, plan);
  websocket_birth birth{from, std::move(upgrade.id),
                        std::string{upgrade.path()}, who.name,
                        !who.authenticated};
  const auto offers = upgrade.request[http::field::sec_websocket_protocol];
  std::string subprotocol{first_subprotocol({offers.data(), offers.size()})};
  return accept_websocket(context, std::move(socket),
                          std::move(upgrade.request), subprotocol,
                          std::move(plan), std::move(birth));
}

} // namespace outrigger
