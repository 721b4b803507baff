// A file as pieces, read where reading may block: for sockets with TLS, which
// cannot take it from the kernel, and for small files, which go out with the
// head.

#pragma once

#include <memory>

#include "net/server_context.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

/// Ends with an error when the file turns out to be shorter. `context` outlives
/// it.
[[nodiscard]] std::shared_ptr<body_source> file_pieces(server_context& context,
                                                       file_body file);

} // namespace outrigger
