// permessage-deflate as it is offered to clients: windows small enough that a
// connection costs tens of kilobytes and not hundreds
// (docs/decisions/0006-compression.md).

#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/option.hpp>

namespace outrigger {

/// What we are ready for. Leaves in `upgrade` the one offer that is taken up,
/// in plain form, or none.
[[nodiscard]] boost::beast::websocket::permessage_deflate negotiate_compression(
    boost::beast::http::request<boost::beast::http::string_body>& upgrade);

} // namespace outrigger
