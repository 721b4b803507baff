// A TLS server's context with a certificate made for the moment.

#pragma once

#include <memory>

#include <boost/asio/ssl/context.hpp>

namespace outrigger::test {

/// Throws when OpenSSL fails.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> self_signed();

} // namespace outrigger::test
