// Which of a client's offers of permessage-deflate (RFC 7692) is taken up.
// Beast's own parser takes offers it should decline and mixes the parameters
// of several; it is given one clean offer, or none.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace outrigger {

/// The first acceptable offer in the values of all Sec-WebSocket-Extensions
/// fields, in plain form ("permessage-deflate; client_max_window_bits=12"), or
/// empty. Not acceptable: an unknown parameter, one that comes twice, one whose
/// value is missing, superfluous or out of range, and a server window of 8
/// bits, which zlib cannot do.
[[nodiscard]] std::string
choose_deflate_offer(std::span<const std::string_view> fields);

} // namespace outrigger
