// What a REST call is told of its header.

#pragma once

#include <boost/beast/http/message.hpp>

#include "protocol/endpoint.hpp"

namespace outrigger {

/// A field that came more than once has its values joined by commas: it says
/// as much as they do where the field is a list, and nothing where it is not.
[[nodiscard]] request_fields
call_fields(const boost::beast::http::request_header<>& head,
            std::optional<std::uint64_t> content_length);

} // namespace outrigger
