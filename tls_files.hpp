// The certificate and its key, from the files that the options name. Read at
// the start, and again at SIGHUP on a worker thread.

#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "protocol/options.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// Null without --tls-cert. TLS 1.2 at least. Malformed names the option, the
/// file and what is wrong with it, also when the key is not the certificate's.
[[nodiscard]] result<std::shared_ptr<boost::asio::ssl::context>>
load_tls(const options& opts);

} // namespace outrigger
