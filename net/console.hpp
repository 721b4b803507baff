// The console page over HTTP: picks an embedded file's encoding and answers
// conditional requests. Stateless.

#pragma once

#include <string_view>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/span_body.hpp>

namespace outrigger {

/// Points into the binary: nothing is copied.
using asset_response =
    boost::beast::http::response<boost::beast::http::span_body<const char>>;

/// The answer to a GET of `path`, which must be an asset's (see
/// web::find_asset). `accept_encoding` and `if_none_match` are the request's
/// fields, empty when absent.
[[nodiscard]] asset_response serve_asset(std::string_view path,
                                         std::string_view accept_encoding,
                                         std::string_view if_none_match);

/// Whether the page has such a file: for match_route.
[[nodiscard]] bool is_asset(std::string_view path);

} // namespace outrigger
