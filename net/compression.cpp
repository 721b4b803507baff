#include "net/compression.hpp"

#include <string_view>
#include <vector>

#include "protocol/deflate_offer.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace http = boost::beast::http;

boost::beast::websocket::permessage_deflate
negotiate_compression(http::request<http::string_body>& upgrade) {
  std::vector<std::string_view> fields;
  const auto [begin, end] =
      upgrade.equal_range(http::field::sec_websocket_extensions);
  for (auto it = begin; it != end; ++it)
    fields.emplace_back(it->value().data(), it->value().size());
  const auto chosen = choose_deflate_offer(fields);
  upgrade.erase(http::field::sec_websocket_extensions);
  if (!chosen.empty())
    upgrade.set(http::field::sec_websocket_extensions, chosen);

  boost::beast::websocket::permessage_deflate offer;
  offer.server_enable = true;
  offer.server_max_window_bits = limits::deflate_server_window_bits;
  offer.client_max_window_bits = limits::deflate_client_window_bits;
  offer.server_no_context_takeover = limits::deflate_no_context_takeover;
  offer.client_no_context_takeover = limits::deflate_no_context_takeover;
  offer.compLevel = limits::deflate_level;
  offer.memLevel = limits::deflate_memory_level;
  offer.msg_size_threshold = limits::deflate_threshold;
  return offer;
}

} // namespace outrigger
